import { inTransaction, type Needs } from "../ctx.ts";
import { selectUser } from "./store.ts";

/** Whether there is such a person whom the actor may know of. */
export async function personExists(
  ctx: Needs<"actor" | "database" | "log">,
  userId: string,
): Promise<boolean> {
  return await inTransaction(ctx, ({ sql }) => selectUser(sql, userId)) !== undefined;
}
