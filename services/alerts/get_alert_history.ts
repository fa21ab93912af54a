import { fail } from "../../lib/errors.ts";
import { type Page, type PageInput, pageOf, placeOfId } from "../../lib/page.ts";
import { authorise } from "../authorise.ts";
import { inTransaction, type Needs } from "../ctx.ts";
import type { AlertEvent } from "./schema.ts";
import { selectAlert, selectAlertEvents } from "./store.ts";
import { toAlertEvent } from "./view.ts";

/** Each time that one of the caller's alerts fired, latest first, with the price and where it came from. */
export async function getAlertHistory(
  ctx: Needs<"actor" | "database" | "log">,
  id: string,
  { cursor, limit }: PageInput,
): Promise<Page<AlertEvent>> {
  const { userId } = authorise(ctx, "alerts:read");
  return await inTransaction(ctx, async ({ sql }) => {
    const alert = await selectAlert(sql, userId, id) ?? fail("not_found");
    const rows = await selectAlertEvents(sql, alert.id, placeOfId(cursor), limit + 1);
    return pageOf(rows, limit, toAlertEvent, (row) => row.id);
  });
}
