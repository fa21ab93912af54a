import { isFailure } from "../../lib/errors.ts";
import type { Needs } from "../ctx.ts";
import { getQuote } from "./get_quote.ts";
import type { KeptQuote } from "./kept_quote.ts";
import type { QuoteNeeds } from "./get_quote.ts";
import { contentTag } from "./model/mod.ts";

/** Several quotes ready to be sent, and which symbols have none. */
export interface KeptQuotes {
  body: string;
  etag: string;
  items: KeptQuote[];
  unknown: string[];
  unavailable: string[];
}

/**
 * The quotes of many symbols, in the order asked and each once. One that nobody knows or can price now is named and
 * spoils nothing for the others.
 */
export async function getQuotes(
  ctx: QuoteNeeds & Needs<"actor">,
  symbols: string[],
): Promise<KeptQuotes> {
  const asked = [...new Set(symbols)];
  const outcomes = await Promise.all(asked.map((symbol) => outcomeOf(ctx, symbol)));
  const items = outcomes.filter((outcome) => typeof outcome === "object");
  const unknown = asked.filter((_, at) => outcomes[at] === "unknown_symbol");
  const unavailable = asked.filter((_, at) => outcomes[at] === "no_price_source");
  const rest = JSON.stringify({ unknown, unavailable }).slice(1);
  return {
    // Each quote is serialised already.
    body: `{"items":[${items.map(({ body }) => body).join(",")}],${rest}`,
    etag: contentTag(items.map(({ etag }) => etag).join() + rest),
    items,
    unknown,
    unavailable,
  };
}

async function outcomeOf(
  ctx: QuoteNeeds & Needs<"actor">,
  symbol: string,
): Promise<KeptQuote | "unknown_symbol" | "no_price_source"> {
  try {
    return await getQuote(ctx, symbol);
  } catch (error) {
    if (isFailure(error, "unknown_symbol")) return "unknown_symbol";
    if (isFailure(error, "no_price_source")) return "no_price_source";
    throw error;
  }
}
