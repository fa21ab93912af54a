import { fail } from "../../lib/errors.ts";
import { minuteMs, secondMs } from "../../lib/time.ts";
import type { Needs } from "../ctx.ts";
import type { KeptQuote } from "./kept_quote.ts";
import { mayReadMarket } from "./may_read_market.ts";
import { isSymbol } from "./model/symbol.ts";
import { loadingOnce, quoteReads, recallQuote, refuseKnownUnknown } from "./recall.ts";

export type QuoteNeeds = Needs<"log" | "memory" | "now" | "redis" | "vendors">;

export interface QuoteOptions {
  /** The longest ago that a source may have said so. Without it the usual freshness: a second in session. */
  maxAgeMs?: number;
}

/** In the background a quote is fetched anew once the one in Redis is this old. */
const refreshAfter = { inSessionMs: 5 * secondMs, outOfSessionMs: minuteMs };

/**
 * What a symbol costs, ready to be sent, and a plain value where memory has it. Memory, then Redis, then the
 * providers, asked once however many wait; a quote past its freshness is served while a newer one is fetched.
 * `unknown_symbol`; `no_price_source` where no source answers and none ever has.
 */
export function getQuote(
  ctx: QuoteNeeds & Needs<"actor">,
  symbol: string,
  { maxAgeMs }: QuoteOptions = {},
): KeptQuote | Promise<KeptQuote> {
  mayReadMarket(ctx);
  const kept = recallQuote(ctx, symbol);
  if (kept === undefined) {
    if (!isSymbol(symbol)) fail("unknown_symbol");
    refuseKnownUnknown(ctx, symbol);
    return loadOnce(ctx, symbol, maxAgeMs);
  }
  const nowMs = ctx.now();
  if (maxAgeMs !== undefined) {
    const isYoung = nowMs - kept.fetchedAtMs <= maxAgeMs && nowMs < kept.usableUntilMs;
    return isYoung ? fromMemory(kept) : loadOnce(ctx, symbol, maxAgeMs);
  }
  if (nowMs < kept.freshUntilMs) return fromMemory(kept);
  if (nowMs >= kept.usableUntilMs) return loadOnce(ctx, symbol);
  refresh(ctx, kept);
  return fromMemory(kept);
}

function fromMemory(kept: KeptQuote): KeptQuote {
  quoteReads.memory.add();
  return kept;
}

/** What asks Redis and the providers is loaded when memory does not know: a start needs none of it. */
function loadOnce(ctx: QuoteNeeds, symbol: string, maxAgeMs?: number): Promise<KeptQuote> {
  return loadingOnce(ctx, symbol, maxAgeMs, async () => {
    const { loadQuote } = await import("./load_quote.ts");
    return await loadQuote(ctx, symbol, maxAgeMs);
  });
}

/** Nobody waits for it, so that nobody hears of its failure either; the next caller may have to wait and does. */
function refresh(ctx: QuoteNeeds, { quote }: KeptQuote): void {
  const { inSessionMs, outOfSessionMs } = refreshAfter;
  const maxAgeMs = quote.session === "regular" ? inSessionMs : outOfSessionMs;
  loadOnce(ctx, quote.symbol, maxAgeMs).catch(() => {});
}
