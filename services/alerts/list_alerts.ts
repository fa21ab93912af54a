import {
  createdCursor,
  type Page,
  type PageInput,
  pageOf,
  placeOfCreated,
} from "../../lib/page.ts";
import { authorise } from "../authorise.ts";
import { inTransaction, type Needs } from "../ctx.ts";
import type { Alert } from "./schema.ts";
import { selectAlerts } from "./store.ts";
import { toAlert } from "./view.ts";

/** The caller's alerts, latest first. */
export async function listAlerts(
  ctx: Needs<"actor" | "database" | "log">,
  { cursor, limit }: PageInput,
): Promise<Page<Alert>> {
  const { userId } = authorise(ctx, "alerts:read");
  const after = placeOfCreated(cursor);
  const rows = await inTransaction(ctx, ({ sql }) => selectAlerts(sql, userId, after, limit + 1));
  return pageOf(rows, limit, toAlert, createdCursor);
}
