import type { Log } from "../../lib/log.ts";

/**
 * Runs `publish` in the background: at most one at a time, and once more if it was asked for meanwhile. A failure is
 * only logged, since the next tick publishes whatever is left.
 */
export function createNudge(publish: () => Promise<unknown>, log: Log): () => void {
  let running = false;
  let asked = false;

  async function run() {
    running = true;
    do {
      asked = false;
      await publish().catch((error) => log.warn("outbox not published", { error }));
    } while (asked);
    running = false;
  }

  return () => {
    asked = true;
    if (!running) void run();
  };
}
