import type { EpochMs } from "../../lib/time.ts";

export type Session = "pre" | "regular" | "post" | "closed";
export type Interval = "1d" | "1h" | "5m" | "1m";

/** Prices are decimal strings in `currency`'s main unit: pence and the like are turned into pounds by the adapter. */
export interface ProviderQuote {
  symbol: string;
  price: string;
  bid?: string;
  ask?: string;
  previousClose: string;
  volume: number;
  /** ISO 4217. */
  currency: string;
  /** When the price was made, not when it was asked for. It may be long ago: whoever uses it judges that. */
  asOfMs: EpochMs;
  /** In which part of its trading day the market is now. */
  session: Session;
  source: string;
}

/** Whether past prices were divided by later splits, and lowered by later dividends ("all"). Never mix two kinds. */
export type Adjustment = "none" | "split" | "all";

export interface ProviderBar {
  /** When the bar begins; for "1d" midnight UTC of the exchange's trading day, so that all providers' days agree. */
  startMs: EpochMs;
  open: string;
  high: string;
  low: string;
  close: string;
  volume: number;
  adjusted: Adjustment;
  source: string;
}

export interface BarRange {
  interval: Interval;
  /** Bars that begin at or after this moment, in milliseconds since the epoch. */
  from: EpochMs;
  /** Bars that begin before this moment. */
  to: EpochMs;
  signal: AbortSignal;
}

/**
 * A source of prices. It answers or throws {@link ProviderFailure}; where `signal` ended the call it throws the signal's
 * reason instead, since that says nothing about the provider.
 */
export interface QuoteProvider {
  name: string;
  /** True for made-up markets, so that every answer can say so. */
  synthetic: boolean;
  quote(symbol: string, options: { signal: AbortSignal }): Promise<ProviderQuote>;
  /** In order of time, each moment once; empty where the symbol did not trade. */
  bars(symbol: string, range: BarRange): Promise<ProviderBar[]>;
  /** All that it has, where that is a short list: misspelt symbols are answered with what was probably meant. */
  symbols?(): readonly string[];
  /** Splits and dividends with an ex-date in the range, for providers that report them. */
  actions?(symbol: string, range: Omit<BarRange, "interval">): Promise<ProviderAction[]>;
}

export type ProviderAction =
  /** `amount` per share, adjusted like the same provider's bars. */
  | { kind: "dividend"; exMs: EpochMs; amount: string }
  /** `numerator` shares for `denominator`: 4 for 1. */
  | { kind: "split"; exMs: EpochMs; numerator: number; denominator: number };

/**
 * "unknown_symbol": this provider does not have it. "limited": asked too often. "unavailable": no answer, or one of the
 * kind that passes. "malformed": an answer that is not what it should be. "refused": it will not answer this for us.
 */
export type ProviderFailureKind =
  | "unknown_symbol"
  | "limited"
  | "unavailable"
  | "malformed"
  | "refused";

/** Why a provider gave no data. */
export class ProviderFailure extends Error {
  override name = "ProviderFailure";
  readonly retryAfterMs?: number;

  constructor(
    readonly provider: string,
    readonly kind: ProviderFailureKind,
    /** For the log, in the provider's words where it has some. */
    readonly reason: string,
    details: { retryAfterMs?: number; cause?: unknown } = {},
  ) {
    super(`${provider}: ${kind}: ${reason}`, { cause: details.cause });
    this.retryAfterMs = details.retryAfterMs;
  }
}
