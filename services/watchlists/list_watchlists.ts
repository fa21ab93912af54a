import { type Page, pageOf } from "../../lib/page.ts";
import { authorise } from "../authorise.ts";
import { inTransaction, type Needs } from "../ctx.ts";
import type { Place, Watchlist } from "./schema.ts";
import { selectWatchlists } from "./store.ts";
import { toWatchlist } from "./view.ts";

/** The caller's watchlists, in their own order. */
export async function listWatchlists(
  ctx: Needs<"actor" | "database" | "log">,
  { cursor = null, limit }: { cursor?: Place | null; limit: number },
): Promise<Page<Watchlist>> {
  const { userId } = authorise(ctx, "watchlists:read");
  const rows = await inTransaction(
    ctx,
    ({ sql }) => selectWatchlists(sql, userId, cursor, limit + 1),
  );
  return pageOf(rows, limit, toWatchlist, ({ position, id }) => `${position}.${id}`);
}
