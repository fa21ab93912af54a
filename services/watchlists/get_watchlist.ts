import { fail } from "../../lib/errors.ts";
import { authorise } from "../authorise.ts";
import { inTransaction, type Needs } from "../ctx.ts";
import type { Watchlist } from "./schema.ts";
import { selectWatchlist } from "./store.ts";
import { toWatchlist } from "./view.ts";

/** One of the caller's watchlists. */
export async function getWatchlist(
  ctx: Needs<"actor" | "database" | "log">,
  id: string,
): Promise<Watchlist> {
  const { userId } = authorise(ctx, "watchlists:read");
  const row = await inTransaction(ctx, ({ sql }) => selectWatchlist(sql, userId, id));
  return toWatchlist(row ?? fail("not_found"));
}
