import { fail } from "../../lib/errors.ts";
import { pause } from "../../lib/time.ts";
import { authorise } from "../authorise.ts";
import { inTransaction, type Needs } from "../ctx.ts";
import type { Simulation } from "./schema.ts";
import { selectSimulation } from "./store.ts";
import { toSimulation } from "./view.ts";

type AwaitNeeds = Needs<"actor" | "database" | "live" | "log" | "now" | "signal">;

const lookEveryMs = 1_000;

/** A simulation of one of the caller's plans, with its progress and, once it is there, its result. */
export async function getSimulation(
  ctx: Needs<"actor" | "database" | "log">,
  id: string,
): Promise<Simulation> {
  const { userId } = authorise(ctx, "plans:read");
  const row = await inTransaction(ctx, ({ sql }) => selectSimulation(sql, userId, id));
  return toSimulation(row ?? fail("not_found"));
}

/** The same, held back for up to `waitMs` until it has ended. Woken by live frames; a lost one costs a second. */
export async function awaitSimulation(
  ctx: AwaitNeeds,
  id: string,
  waitMs: number,
): Promise<Simulation> {
  if (waitMs === 0) return await getSimulation(ctx, id);
  const untilMs = ctx.now() + waitMs;
  let heard = new AbortController();
  const stop = ctx.live.listen(`simulations:${id.toLowerCase()}`, (frame) => {
    if (hasEnded(JSON.parse(frame))) heard.abort();
  });
  try {
    while (true) {
      // Listening begins before the look, so that no end falls between the two.
      heard = new AbortController();
      const simulation = await getSimulation(ctx, id);
      const leftMs = untilMs - ctx.now();
      if (hasEnded(simulation) || leftMs <= 0 || ctx.signal.aborted) return simulation;
      await pause(Math.min(lookEveryMs, leftMs), heard.signal);
    }
  } finally {
    stop();
  }
}

function hasEnded({ status }: Pick<Simulation, "status">): boolean {
  return status !== "queued" && status !== "running";
}
