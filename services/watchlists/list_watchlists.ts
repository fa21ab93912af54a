import { refuseCursor } from "../../lib/cursor.ts";
import { isUuid } from "../../lib/ids.ts";
import { type Page, type PageInput, pageOf } from "../../lib/page.ts";
import { authorise } from "../authorise.ts";
import { inTransaction, type Needs } from "../ctx.ts";
import type { Place, Watchlist } from "./schema.ts";
import { selectWatchlists } from "./store.ts";
import { toWatchlist } from "./view.ts";

/** The caller's watchlists, in their own order. */
export async function listWatchlists(
  ctx: Needs<"actor" | "database" | "log">,
  { cursor, limit }: PageInput,
): Promise<Page<Watchlist>> {
  const { userId } = authorise(ctx, "watchlists:read");
  const rows = await inTransaction(
    ctx,
    ({ sql }) => selectWatchlists(sql, userId, placeOf(cursor), limit + 1),
  );
  return pageOf(rows, limit, toWatchlist, ({ position, id }) => `${position}.${id}`);
}

function placeOf(cursor: string | undefined): Place | null {
  if (cursor === undefined) return null;
  const [position = "", id = "", ...rest] = cursor.split(".");
  if (!/^\d{1,9}$/.test(position) || !isUuid(id) || rest.length > 0) return refuseCursor();
  return { position: Number(position), id };
}
