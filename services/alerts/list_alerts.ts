import { type Page, pageOf } from "../../lib/page.ts";
import { authorise } from "../authorise.ts";
import { inTransaction, type Needs } from "../ctx.ts";
import type { Alert } from "./schema.ts";
import { selectAlerts } from "./store.ts";
import { toAlert } from "./view.ts";

/** The caller's alerts, latest first. */
export async function listAlerts(
  ctx: Needs<"actor" | "database" | "log">,
  { cursor = null, limit }: { cursor?: string | null; limit: number },
): Promise<Page<Alert>> {
  const { userId } = authorise(ctx, "alerts:read");
  const rows = await inTransaction(ctx, ({ sql }) => selectAlerts(sql, userId, cursor, limit + 1));
  return pageOf(rows, limit, toAlert, ({ id }) => id);
}
