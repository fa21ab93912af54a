import { authoriseSystem } from "../authorise.ts";
import { noteChange } from "../changes/mod.ts";
import { inTransaction, type Needs } from "../ctx.ts";
import { deleteChunks, endSimulation } from "./store.ts";

/** Ends a simulation that no further try can finish, so that nobody waits for it. Nothing where it has ended. */
export async function failSimulation(
  ctx: Needs<"actor" | "database" | "live" | "log" | "now">,
  id: string,
): Promise<void> {
  authoriseSystem(ctx);
  await inTransaction(ctx, async (tx) => {
    const failed = await endSimulation(tx.sql, id, "failed", new Date(ctx.now()));
    if (!failed) return;
    await deleteChunks(tx.sql, id);
    noteChange(tx, { userId: failed.user_id, kind: "simulation", id, operation: "changed" });
    tx.afterCommit(() => ctx.live.publish(`simulations:${id}`, { status: "failed" }));
  });
}
