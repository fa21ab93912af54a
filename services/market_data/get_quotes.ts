import { contentTag } from "../../lib/content_tag.ts";
import { isFailure } from "../../lib/errors.ts";
import { pause } from "../../lib/time.ts";
import type { Needs } from "../ctx.ts";
import { getQuote } from "./get_quote.ts";
import type { KeptQuote } from "./kept_quote.ts";
import type { QuoteNeeds } from "./get_quote.ts";

/** Several quotes ready to be sent, and which symbols have none. */
export interface KeptQuotes {
  body: string;
  etag: string;
  items: KeptQuote[];
  unknown: string[];
  unavailable: string[];
}

export interface QuotesOptions {
  /** The longest to wait for any of them. What takes longer counts as unavailable now, and is still loaded for later. */
  waitMaxMs?: number;
}

/**
 * The quotes of many symbols, in the order asked and each once. One that nobody knows or can price now is named and
 * spoils nothing for the others.
 */
export async function getQuotes(
  ctx: QuoteNeeds & Needs<"actor">,
  symbols: string[],
  { waitMaxMs }: QuotesOptions = {},
): Promise<KeptQuotes> {
  const asked = [...new Set(symbols)];
  const outcomes = await outcomesOf(ctx, asked, waitMaxMs);
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

type Outcome = KeptQuote | "unknown_symbol" | "no_price_source";

async function outcomesOf(
  ctx: QuoteNeeds & Needs<"actor">,
  symbols: string[],
  waitMaxMs: number | undefined,
): Promise<Outcome[]> {
  const waits = symbols.map((symbol) => outcomeOf(ctx, symbol));
  if (waitMaxMs === undefined) return await Promise.all(waits);
  const allHere = new AbortController();
  const late = pause(waitMaxMs, allHere.signal).then((): Outcome => "no_price_source");
  try {
    return await Promise.all(waits.map((wait) => Promise.race([wait, late])));
  } finally {
    allHere.abort();
  }
}

async function outcomeOf(
  ctx: QuoteNeeds & Needs<"actor">,
  symbol: string,
): Promise<Outcome> {
  try {
    return await getQuote(ctx, symbol);
  } catch (error) {
    if (isFailure(error, "unknown_symbol")) return "unknown_symbol";
    if (isFailure(error, "no_price_source")) return "no_price_source";
    throw error;
  }
}
