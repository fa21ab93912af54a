import { cacheReads } from "../../lib/cache_metrics.ts";
import { fail } from "../../lib/errors.ts";
import { hourMs } from "../../lib/time.ts";
import type { Needs } from "../ctx.ts";
import type { KeptQuote } from "./kept_quote.ts";

/** A symbol that no source knows, as memory keeps it. */
interface Unknown {
  detail: string | undefined;
}

/** The last good one is kept far longer than it is served: it is what is left when all sources fail. */
const keepMs = hourMs;

/** What the layers answered; a load in the background counts as one. */
export const quoteReads = cacheReads("quote");

const quoteKey = (symbol: string) => `quote:${symbol}`;
const unknownKey = (symbol: string) => `quote:unknown:${symbol}`;

export function recallQuote(ctx: Needs<"memory">, symbol: string): KeptQuote | undefined {
  return ctx.memory.get<KeptQuote>(quoteKey(symbol));
}

export function rememberQuote(ctx: Needs<"memory">, kept: KeptQuote): KeptQuote {
  ctx.memory.set(quoteKey(kept.quote.symbol), kept, keepMs);
  return kept;
}

export function forgetQuote(ctx: Needs<"memory">, symbol: string): void {
  ctx.memory.drop(quoteKey(symbol));
}

/** One load at a time for a symbol and an age, however many wait for it. */
export function loadingOnce<T>(
  ctx: Needs<"memory">,
  symbol: string,
  maxAgeMs: number | undefined,
  load: () => Promise<T>,
): Promise<T> {
  return ctx.memory.once(`${quoteKey(symbol)}:${maxAgeMs ?? ""}`, load);
}

export function rememberUnknown(
  ctx: Needs<"memory">,
  symbol: string,
  detail: string | undefined,
  forMs: number,
): void {
  ctx.memory.set<Unknown>(unknownKey(symbol), { detail }, forMs);
}

/** `unknown_symbol` where memory knows that nobody knows it. */
export function refuseKnownUnknown(ctx: Needs<"memory">, symbol: string): void {
  const unknown = ctx.memory.get<Unknown>(unknownKey(symbol));
  if (unknown) fail("unknown_symbol", { detail: unknown.detail });
}
