import { pause } from "../../lib/time.ts";

let last: Promise<void> = Promise.resolve();

/**
 * Waits for a turn of one's own in this isolate: the slices of chunks that run side by side follow each other with a
 * look at everything else in between, where timers alone would run all of them in one go.
 */
export function turn(): Promise<void> {
  return last = last.then(() => pause(0));
}
