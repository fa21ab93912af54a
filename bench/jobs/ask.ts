/** What servers under measurement are asked over HTTP: to ask for so many jobs, and to say when all are done. */

/** Where a server is asked: `POST /ask` with `{"count": 20}`. */
export const askPath = "/ask";

/** Keys that are waited for. */
export interface Effects {
  heard(key: string): void;
  /** Resolves with the milliseconds since the call when all of the keys were heard, each of them once. */
  all(keys: string[]): Promise<number>;
}

export function createEffects(): Effects {
  let missing = new Set<string>();
  let done = () => {};
  return {
    heard(key) {
      if (missing.delete(key) && missing.size === 0) done();
    },
    async all(keys) {
      const startedMs = performance.now();
      missing = new Set(keys);
      await new Promise<void>((resolve) => done = resolve);
      return performance.now() - startedMs;
    },
  };
}

/** Answers with how long it took until the effect of each new key was there. */
export async function answerAsk(
  request: Request,
  effects: Effects,
  askFor: (keys: string[]) => Promise<void>,
): Promise<Response> {
  const { count } = await request.json();
  const keys = Array.from({ length: count }, () => crypto.randomUUID());
  const [elapsedMs] = await Promise.all([effects.all(keys), askFor(keys)]);
  return Response.json({ elapsedMs });
}
