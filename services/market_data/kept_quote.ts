import { currentOrNextHours } from "../../lib/calendar.ts";
import { contentTag } from "../../lib/content_tag.ts";
import { type EpochMs, minuteMs, secondMs, toInstant } from "../../lib/time.ts";
import { priceChange, withCents } from "./model/mod.ts";
import type { ProviderQuote } from "./ports.ts";
import type { Quote } from "./schema.ts";

/** A quote ready to be sent: serialised once, with its entity tag. */
export interface KeptQuote {
  quote: Quote;
  body: string;
  /** Quoted, as it stands in the header. Equal content has an equal tag, in every isolate. */
  etag: string;
  /** When a provider said so. */
  fetchedAtMs: EpochMs;
  /** Until then it is served without a second thought. */
  freshUntilMs: EpochMs;
  /** Until then it is served while a newer one is being fetched; afterwards only where no source answers. */
  usableUntilMs: EpochMs;
}

/** What a single source is worth: nothing contradicts it, nothing confirms it. */
const singleSourceConfidence = 0.5;
const inSession = { freshMs: secondMs, usableMs: minuteMs };
const outOfSession = { freshMs: minuteMs, usableMs: 2 * minuteMs };
const staleUsableMs = 5 * secondMs;

/** A provider's answer in the words of the API. */
export function toQuote(answer: ProviderQuote, synthetic: boolean): Quote {
  return {
    symbol: answer.symbol,
    price: withCents(answer.price),
    ...(answer.bid === undefined ? {} : { bid: withCents(answer.bid) }),
    ...(answer.ask === undefined ? {} : { ask: withCents(answer.ask) }),
    previousClose: withCents(answer.previousClose),
    ...priceChange(withCents(answer.previousClose), withCents(answer.price)),
    volume: answer.volume,
    currency: answer.currency,
    asOf: toInstant(answer.asOfMs),
    session: answer.session,
    source: answer.source,
    confidence: singleSourceConfidence,
    stale: false,
    synthetic,
  };
}

/** A good quote as it is kept from `nowMs` on; it was fetched then, or by another isolate up to a minute before. */
export function keptQuote(quote: Quote, fetchedAtMs: EpochMs, nowMs: EpochMs): KeptQuote {
  const { freshMs, usableMs } = quote.session === "regular" ? inSession : outOfSession;
  const usableUntilMs = Math.min(fetchedAtMs + usableMs, nextOpening(quote, fetchedAtMs));
  const freshUntilMs = Math.min(nowMs + freshMs, usableUntilMs);
  return { ...serialised(quote), fetchedAtMs, freshUntilMs, usableUntilMs };
}

/** The last good quote, marked as such and with its age, for as long as it takes to ask again. */
export function staleQuote({ quote, fetchedAtMs }: KeptQuote, nowMs: EpochMs): KeptQuote {
  const ageSeconds = Math.max(0, Math.floor((nowMs - Date.parse(quote.asOf)) / secondMs));
  return {
    ...serialised({ ...quote, stale: true, ageSeconds }),
    fetchedAtMs,
    freshUntilMs: nowMs + secondMs,
    usableUntilMs: nowMs + staleUsableMs,
  };
}

function serialised(quote: Quote): Pick<KeptQuote, "quote" | "body" | "etag"> {
  const body = JSON.stringify(quote);
  return { quote, body, etag: contentTag(body) };
}

/** What was fetched while the market was closed says nothing once it opens. */
function nextOpening(quote: Quote, fetchedAtMs: EpochMs): EpochMs {
  if (quote.session === "regular") return Infinity;
  const { openMs } = currentOrNextHours(fetchedAtMs);
  return openMs > fetchedAtMs ? openMs : Infinity;
}
