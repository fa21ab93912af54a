import { fail } from "../../lib/errors.ts";
import type { Needs } from "../ctx.ts";
import { getQuotes, type QuoteNeeds, suggestSymbols } from "../market_data/mod.ts";

/**
 * Lets symbols through that some source knows. `invalid_request` with the place in the list of each that none knows;
 * `no_price_source` where none can say. What was `accepted` before is not asked about again: a share that is no
 * longer traded must not keep anybody from changing the rest.
 */
export async function refuseUnknownSymbols(
  ctx: QuoteNeeds & Needs<"actor">,
  symbols: string[],
  accepted: string[] = [],
): Promise<void> {
  const asked = symbols.filter((symbol) => !accepted.includes(symbol));
  if (asked.length === 0) return;
  const { unknown, unavailable } = await getQuotes(ctx, asked);
  if (unknown.length > 0) {
    const errors = unknown.map(async (symbol) => {
      const meant = await suggestSymbols(ctx, symbol);
      return {
        path: `symbols.${symbols.indexOf(symbol)}`,
        message: ["is known to no source.", meant].filter(Boolean).join(" "),
      };
    });
    fail("invalid_request", { errors: await Promise.all(errors) });
  }
  if (unavailable.length > 0) fail("no_price_source");
}
