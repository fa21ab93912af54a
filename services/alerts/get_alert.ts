import { fail } from "../../lib/errors.ts";
import { authorise } from "../authorise.ts";
import { inTransaction, type Needs } from "../ctx.ts";
import type { Alert } from "./schema.ts";
import { selectAlert } from "./store.ts";
import { toAlert } from "./view.ts";

/** One of the caller's alerts. */
export async function getAlert(
  ctx: Needs<"actor" | "database" | "log">,
  id: string,
): Promise<Alert> {
  const { userId } = authorise(ctx, "alerts:read");
  const row = await inTransaction(ctx, ({ sql }) => selectAlert(sql, userId, id));
  return toAlert(row ?? fail("not_found"));
}
