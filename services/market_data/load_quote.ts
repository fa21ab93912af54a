import { fail } from "../../lib/errors.ts";
import { minuteMs, secondMs } from "../../lib/time.ts";
import type { QuoteNeeds } from "./get_quote.ts";
import { askProviders, isUnknown } from "./ask_providers.ts";
import { type KeptQuote, keptQuote, staleQuote, toQuote } from "./kept_quote.ts";
import { forgetQuote, quoteReads, recallQuote, rememberQuote, rememberUnknown } from "./recall.ts";
import type { ProviderFailure } from "./ports.ts";
import { type GoodQuote, readShelf, shelveQuote, shelveUnknown, unknownSeconds } from "./shelf.ts";
import { suggestSymbols } from "./suggest_symbols.ts";

/** How long a quote in Redis passes for a live one. */
const sharedMaxAgeMs = minuteMs;

/**
 * A quote of at most `maxAgeMs` from Redis, else from the providers, else the last good one marked as stale. Puts it
 * where it is found next. `unknown_symbol` where no source knows it, `no_price_source` where nothing at all is known.
 */
export async function loadQuote(
  ctx: QuoteNeeds,
  symbol: string,
  maxAgeMs = sharedMaxAgeMs,
): Promise<KeptQuote> {
  const shelf = await readShelf(ctx, symbol);
  if (shelf?.unknown) return await refuseUnknown(ctx, symbol);
  const last = newer(shelf?.good, recallQuote(ctx, symbol));
  const nowMs = ctx.now();
  const kept = last && keptQuote(last.quote, last.fetchedAtMs, nowMs);
  if (kept && nowMs < kept.usableUntilMs && nowMs - kept.fetchedAtMs <= maxAgeMs) {
    quoteReads.redis.add();
    return rememberQuote(ctx, kept);
  }
  quoteReads.owner.add();
  const said = await askProviders(ctx, (provider, signal) => provider.quote(symbol, { signal }));
  if (said.answer) {
    const good = { quote: toQuote(said.answer, said.provider.synthetic), fetchedAtMs: ctx.now() };
    const fresh = rememberQuote(ctx, keptQuote(good.quote, good.fetchedAtMs, good.fetchedAtMs));
    await shelveQuote(ctx, good);
    return fresh;
  }
  if (!isUnknown(said.failures)) return makeDo(ctx, symbol, kept, said.failures);
  await shelveUnknown(ctx, symbol);
  return await refuseUnknown(ctx, symbol);
}

/** No source answers. What is past its time is served as stale; what is not stays live for those who can do with it. */
function makeDo(
  ctx: QuoteNeeds,
  symbol: string,
  last: KeptQuote | undefined,
  failures: ProviderFailure[],
): KeptQuote {
  const nowMs = ctx.now();
  if (last === undefined) {
    ctx.log.warn("no price", { symbol, failures: failures.map(({ message }) => message) });
    const waitsMs = failures.flatMap(({ retryAfterMs }) => retryAfterMs ?? []);
    const retryAfterSeconds = waitsMs.length === 0 ? undefined : Math.min(...waitsMs) / secondMs;
    return fail("no_price_source", { retryAfterSeconds });
  }
  const stale = staleQuote(last, nowMs);
  rememberQuote(ctx, nowMs < last.usableUntilMs ? last : stale);
  return stale;
}

async function refuseUnknown(ctx: QuoteNeeds, symbol: string): Promise<never> {
  const detail = await suggestSymbols(ctx, symbol);
  forgetQuote(ctx, symbol);
  rememberUnknown(ctx, symbol, detail, unknownSeconds * secondMs);
  return fail("unknown_symbol", { detail });
}

function newer<A extends GoodQuote, B extends GoodQuote>(
  a: A | undefined,
  b: B | undefined,
): A | B | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a.fetchedAtMs >= b.fetchedAtMs ? a : b;
}
