import { isFailure } from "../../lib/errors.ts";
import type { Needs } from "../ctx.ts";
import { getQuote } from "./get_quote.ts";
import type { QuoteNeeds } from "./get_quote.ts";

/** Whether any source knows a symbol. `no_price_source` where none can say. */
export async function knowsSymbol(
  ctx: QuoteNeeds & Needs<"actor">,
  symbol: string,
): Promise<boolean> {
  try {
    await getQuote(ctx, symbol);
    return true;
  } catch (error) {
    if (isFailure(error, "unknown_symbol")) return false;
    throw error;
  }
}
