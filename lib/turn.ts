import { stopwatch } from "./time.ts";

// Postgres cancels at `statement_timeout`; this is for the connection that no longer answers at all.
export const graceMs = 250;

/** Nothing was heard within the time that a transaction has. */
export class DeadlineMissed extends Error {
  override name = "DeadlineMissed";
}

/** The time that a transaction has, waiting for a connection and all tries included. */
export interface Turn {
  /** Rejects when the time is up. */
  ended: Promise<never>;
  leftMs(): number;
  /** Whom to tell when the time is up; answers how to take that back. Throws where it is up already. */
  onMissed(hear: () => void): () => void;
  stop(): void;
}

/** Begins to count. */
export function startTurn(deadlineMs: number): Turn {
  const { promise: ended, reject: fail } = Promise.withResolvers<never>();
  ended.catch(() => {});
  const elapsedMs = stopwatch();
  let missed: DeadlineMissed | undefined;
  let hear: (() => void) | undefined;
  const timer = setTimeout(() => {
    missed = new DeadlineMissed(`no answer in ${deadlineMs} ms`);
    fail(missed);
    hear?.();
  }, deadlineMs + graceMs);
  return {
    ended,
    leftMs: () => Math.max(1, Math.ceil(deadlineMs - elapsedMs())),
    onMissed(next) {
      if (missed) throw missed;
      hear = next;
      return () => {
        if (hear === next) hear = undefined;
      };
    },
    stop: () => clearTimeout(timer),
  };
}
