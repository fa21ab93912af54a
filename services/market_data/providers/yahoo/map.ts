import type { OutsideAnswer } from "../../../../lib/http_client.ts";
import { printedDecimal, shiftPointLeft } from "../../../../lib/printed_decimal.ts";
import { type EpochMs, minuteMs, secondMs } from "../../../../lib/time.ts";
import type {
  BarRange,
  Interval,
  ProviderAction,
  ProviderBar,
  ProviderQuote,
  Session,
} from "../../ports.ts";
import {
  failure,
  isEmptyWindow,
  type Meta,
  type QuoteMeta,
  readEvents,
  readQuoteMeta,
  readSeries,
  type Series,
} from "./reply.ts";

export { toFailureWithoutAnswer } from "./reply.ts";

const source = "yahoo";
/** Coins have up to eight significant decimals; below six a price of theirs would lose its digits. */
const decimalsMin = 6;

/** Yahoo quotes London in pence, Johannesburg in cents, Tel Aviv in agorot and Kuwait in fils. */
const minorUnits: Record<string, { currency: string; places: number }> = {
  GBp: { currency: "GBP", places: 2 },
  ZAc: { currency: "ZAR", places: 2 },
  ILA: { currency: "ILS", places: 2 },
  KWF: { currency: "KWD", places: 3 },
};

/** The quote in the meta of a one-day chart. Throws ProviderFailure. */
export function toQuote(answer: OutsideAnswer, symbol: string, nowMs: EpochMs): ProviderQuote {
  const { meta } = readQuoteMeta(answer, symbol, nowMs);
  return {
    symbol,
    price: toPrice(meta.regularMarketPrice, meta),
    previousClose: toPrice(previousCloseOf(meta), meta),
    volume: meta.regularMarketVolume,
    currency: currencyOf(meta),
    asOfMs: meta.regularMarketTime * secondMs,
    session: sessionAt(meta, nowMs),
    source,
  };
}

/** The chart's previous close is the one before its window: of a longer chart it is weeks or years old. */
function previousCloseOf({ previousClose, chartPreviousClose, range }: QuoteMeta): number {
  if (previousClose !== undefined) return previousClose;
  if (range === "1d") return chartPreviousClose;
  throw failure("malformed", `asked for one day, answered "${range}"`);
}

function sessionAt({ currentTradingPeriod, instrumentType }: QuoteMeta, nowMs: EpochMs): Session {
  // A coin's "day" ends at 23:59 with Yahoo; the market does not close for that minute.
  if (instrumentType === "CRYPTOCURRENCY") return "regular";
  const isIn = (session: "pre" | "regular" | "post") =>
    nowMs >= currentTradingPeriod[session].start * secondMs &&
    nowMs < currentTradingPeriod[session].end * secondMs;
  return (["regular", "pre", "post"] as const).find(isIn) ?? "closed";
}

/** The bars that begin in the range; Yahoo divides all of them by later splits. Throws ProviderFailure. */
export function toBars(
  answer: OutsideAnswer,
  symbol: string,
  { interval, from, to }: Pick<BarRange, "interval" | "from" | "to">,
  nowMs: EpochMs,
): ProviderBar[] {
  const series = orEmpty(() => readSeries(answer, symbol, nowMs));
  if (!series) return [];
  const startOf = startsOf(interval, series.meta);
  const rows = series.timestamp.map((stamp, at) => toBar(series, startOf(stamp), at));
  const inRange = rows.filter((bar) => bar !== undefined)
    .filter(({ startMs }) => startMs >= from && startMs < to);
  // The running bar can come twice, the latter with the newer price.
  const byStart = new Map(inRange.map((bar) => [bar.startMs, bar]));
  return [...byStart.values()].sort((a, b) => a.startMs - b.startMs);
}

/** Undefined where the row has a hole, or is the latest price in the guise of a bar. */
function toBar(
  { meta, indicators: { quote: [columns] } }: Series,
  startMs: EpochMs | undefined,
  at: number,
): ProviderBar | undefined {
  const row = [columns.open[at], columns.high[at], columns.low[at], columns.close[at]];
  const volume = columns.volume[at];
  if (row.includes(undefined) || volume === undefined) {
    throw failure("malformed", "columns of different lengths");
  }
  const [open, high, low, close] = row.map((price) => price == null ? null : toPrice(price, meta));
  if (startMs === undefined || !open || !high || !low || !close || volume === null) {
    return undefined;
  }
  return { startMs, open, high, low, close, volume, adjusted: "split", source };
}

/** Splits and dividends whose ex-date is in the range. Throws ProviderFailure. */
export function toActions(
  answer: OutsideAnswer,
  symbol: string,
  { from, to }: Pick<BarRange, "from" | "to">,
  nowMs: EpochMs,
): ProviderAction[] {
  const found = orEmpty(() => readEvents(answer, symbol, nowMs));
  if (!found) return [];
  const { meta, events: { dividends, splits } } = found;
  const dayOf = tradingDays(meta);
  const actions: ProviderAction[] = [
    ...Object.values(splits).map(({ date, numerator, denominator }) => ({
      kind: "split" as const,
      exMs: dayOf(date),
      numerator,
      denominator,
    })),
    ...Object.values(dividends).map(({ date, amount }) => ({
      kind: "dividend" as const,
      exMs: dayOf(date),
      amount: toPrice(amount, meta),
    })),
  ];
  return actions.filter(({ exMs }) => exMs >= from && exMs < to).sort((a, b) => a.exMs - b.exMs);
}

function orEmpty<Result>(read: () => Result): Result | undefined {
  try {
    return read();
  } catch (error) {
    if (isEmptyWindow(error)) return undefined;
    throw error;
  }
}

/** Bars within a day begin on these minutes, whatever the minute at which the exchange opens. */
const gridMs: Record<Exclude<Interval, "1d">, number> = {
  "1h": 15 * minuteMs,
  "5m": 5 * minuteMs,
  "1m": minuteMs,
};

/** Turns Yahoo's stamp of a row into the bar's beginning; a stamp off the grid is the running price, not a bar. */
function startsOf(interval: Interval, meta: Meta): (stamp: number) => EpochMs | undefined {
  if (interval === "1d") return tradingDays(meta);
  const stepMs = gridMs[interval];
  return (stamp) => stamp * secondMs % stepMs === 0 ? stamp * secondMs : undefined;
}

/** Midnight UTC of the calendar day that it is at the exchange. */
function tradingDays({ exchangeTimezoneName: timeZone }: Meta): (stamp: number) => EpochMs {
  const format = dayFormat(timeZone);
  return (stamp) => Date.parse(format.format(stamp * secondMs));
}

function dayFormat(timeZone: string): Intl.DateTimeFormat {
  try {
    // Sweden writes dates as ISO 8601 does.
    return new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short" });
  } catch (cause) {
    throw failure("malformed", `time zone ${timeZone}`, { cause });
  }
}

/** A unit that is neither a currency nor a known part of one would be wrong by a hundred. */
function currencyOf({ currency }: Meta): string {
  const main = minorUnits[currency]?.currency ?? currency;
  if (!/^[A-Z]{3}$/.test(main)) throw failure("malformed", `currency ${currency}`);
  return main;
}

function toPrice(value: number, meta: Meta): string {
  currencyOf(meta);
  const text = printedDecimal(value, Math.max(meta.priceHint, decimalsMin));
  if (Number(text) === 0) throw failure("malformed", `the price ${value} rounds to nothing`);
  return shiftPointLeft(text, minorUnits[meta.currency]?.places ?? 0);
}
