import { fail } from "../../lib/errors.ts";
import { authorise } from "../authorise.ts";
import { asSystem, inTransaction, type Needs } from "../ctx.ts";
import type { ErrorGroup } from "./schema.ts";
import { selectGroup } from "./store.ts";
import { toErrorGroup } from "./view.ts";

/** One group of errors. Staff only; `not_found`. */
export async function getError(
  ctx: Needs<"actor" | "database" | "log">,
  id: string,
): Promise<ErrorGroup> {
  authorise(ctx, "ops:read");
  const row = await inTransaction(asSystem(ctx, "get_error"), ({ sql }) => selectGroup(sql, id));
  return toErrorGroup(row ?? fail("not_found"));
}
