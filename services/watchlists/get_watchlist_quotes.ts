import type { Needs } from "../ctx.ts";
import { getQuotes, type KeptQuotes, type QuoteNeeds } from "../market_data/mod.ts";
import { getWatchlist } from "./get_watchlist.ts";

/** What the symbols of one of the caller's watchlists cost, in the order of the list, ready to be sent. */
export async function getWatchlistQuotes(
  ctx: QuoteNeeds & Needs<"actor" | "database">,
  id: string,
): Promise<KeptQuotes> {
  const { symbols } = await getWatchlist(ctx, id);
  return await getQuotes(ctx, symbols);
}
