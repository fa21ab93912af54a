import { fail } from "../../lib/errors.ts";
import { recordChange } from "../audit/mod.ts";
import { authorise } from "../authorise.ts";
import { noteChange } from "../changes/mod.ts";
import { inTransaction, type Needs } from "../ctx.ts";
import type { Simulation } from "./schema.ts";
import { deleteChunks, endSimulation, selectSimulation } from "./store.ts";
import { toSimulation } from "./view.ts";

/** Ends a simulation that runs; chunks on the way find nothing to do. `simulation_finished` where it has ended. */
export async function cancelSimulation(
  ctx: Needs<"actor" | "database" | "live" | "log" | "newId" | "now" | "origin" | "requestId">,
  id: string,
): Promise<Simulation> {
  const { userId } = authorise(ctx, "simulations:run");
  return await inTransaction(ctx, async (tx) => {
    const known = await selectSimulation(tx.sql, userId, id) ?? fail("not_found");
    if (known.status === "cancelled") return toSimulation(known);
    const cancelled = await endSimulation(tx.sql, id, "cancelled", new Date(ctx.now())) ??
      fail("simulation_finished");
    await deleteChunks(tx.sql, known.id);
    await recordChange(tx, { action: "simulation.cancelled", subjectId: userId, entityId: id });
    noteChange(tx, { userId, kind: "simulation", id: known.id, operation: "changed" });
    const { progress, status } = toSimulation(cancelled);
    tx.afterCommit(() => ctx.live.publish(`simulations:${known.id}`, { status, progress }));
    return toSimulation(cancelled);
  });
}
