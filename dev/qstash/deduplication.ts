import { createHash } from "node:crypto";
import { minuteMs } from "../../lib/time.ts";

const windowMs = 10 * minuteMs;

/** Which message was accepted under a key within the last ten minutes. */
export interface Deduplication {
  find(key: string): string | undefined;
  remember(key: string, messageId: string): void;
}

export function createDeduplication(now: () => number): Deduplication {
  const accepted = new Map<string, { messageId: string; untilMs: number }>();

  function forgetOld() {
    // All live equally long, so that the oldest stand first.
    for (const [key, { untilMs }] of accepted) {
      if (untilMs > now()) return;
      accepted.delete(key);
    }
  }
  return {
    find(key) {
      forgetOld();
      return accepted.get(key)?.messageId;
    },
    remember(key, messageId) {
      accepted.delete(key);
      accepted.set(key, { messageId, untilMs: now() + windowMs });
    },
  };
}

/** Content-based deduplication looks at the destination, the body and what is forwarded. */
export function contentKey(destination: string, headers: Headers, body: Uint8Array): string {
  const hash = createHash("sha256").update(JSON.stringify([destination, ...headers]));
  return `content:${hash.update(body).digest("hex")}`;
}
