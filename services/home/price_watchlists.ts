import type { Needs } from "../ctx.ts";
import { getQuotes, type Quote, type QuoteNeeds } from "../market_data/mod.ts";
import type { Watchlist } from "../watchlists/mod.ts";
import type { PricedWatchlist } from "./schema.ts";

const symbolsMax = 10;
/** A quote that is not here by then is worth less than a screen that is. */
const waitMaxMs = 800;

/** Watchlists with what their first symbols cost; null for what cannot be priced now, or not for this caller. */
export async function priceWatchlists(
  ctx: QuoteNeeds & Needs<"actor">,
  watchlists: Watchlist[],
): Promise<PricedWatchlist[]> {
  const shown = watchlists.map((list) => ({ ...list, first: list.symbols.slice(0, symbolsMax) }));
  const quotes = await quotesOf(ctx, shown.flatMap(({ first }) => first));
  return shown.map(({ first, ...list }) => ({
    ...list,
    quotes: first.map((symbol) => ({ symbol, quote: quotes.get(symbol) ?? null })),
  }));
}

async function quotesOf(
  ctx: QuoteNeeds & Needs<"actor">,
  symbols: string[],
): Promise<Map<string, Quote>> {
  const { actor } = ctx;
  if (actor.kind !== "person" || !actor.permissions.has("quotes:read")) return new Map();
  try {
    const { items } = await getQuotes(ctx, symbols, { waitMaxMs });
    return new Map(items.map(({ quote }) => [quote.symbol, quote]));
  } catch (error) {
    // Even a fault of our own in pricing must not take the rest of the screen away.
    ctx.log.error("home without prices", { error });
    return new Map();
  }
}
