import type { Instrument } from "./instruments.ts";
import type { Bar, Market } from "./market.ts";
import { currentTradingPeriod, offsetSeconds, zoneName } from "./trading_days.ts";

const daySeconds = 86_400;
const validRanges = ["1d", "5d", "1mo", "3mo", "6mo", "1y", "2y", "5y", "10y", "ytd", "max"];
const daysOf: Record<string, number> = {
  "5d": 7,
  "1mo": 31,
  "3mo": 92,
  "6mo": 183,
  "1y": 366,
  "2y": 731,
  "5y": 1_827,
  "10y": 3_653,
};

const steps: Record<string, { seconds?: number; keptDays?: number; bar: string }> = {
  "1m": { seconds: 60, keptDays: 30, bar: "1m" },
  "5m": { seconds: 300, keptDays: 60, bar: "5m" },
  "1h": { seconds: 3_600, keptDays: 730, bar: "1h" },
  "60m": { seconds: 3_600, keptDays: 730, bar: "1h" },
  "1d": { bar: "1d" },
};

interface Window {
  fromSeconds: number;
  toSeconds: number;
  range: string;
}

/** GET /v8/finance/chart/{symbol} in the shape of Yahoo's own recorded replies, its errors too. */
export function chartAnswer(
  market: Market,
  symbol: string,
  query: Record<string, string>,
  nowMs: number,
): Response {
  const nowSeconds = Math.floor(nowMs / 1_000);
  const instrument = market.find(symbol.toUpperCase());
  if (!instrument) return refuse(404, "Not Found", "No data found, symbol may be delisted");
  const interval = query.interval ?? "1d";
  const step = Object.hasOwn(steps, interval) ? steps[interval] : undefined;
  if (!step) {
    const valid = Object.keys(steps).join(", ");
    return unprocessable(
      `Invalid input - interval=${interval} is not supported. Valid intervals: [${valid}]`,
    );
  }
  const window = readWindow(market, instrument, query, nowSeconds);
  if (!window) return unprocessable("Invalid input - range or period1 and period2 are not valid.");
  const { fromSeconds, toSeconds } = window;
  if (toSeconds <= instrument.firstTradeSeconds) {
    return refuse(
      400,
      "Bad Request",
      `Data doesn't exist for startDate = ${fromSeconds}, endDate = ${toSeconds}`,
    );
  }
  if (step.keptDays && fromSeconds < nowSeconds - step.keptDays * daySeconds) {
    return unprocessable(
      `${interval} data not available for startTime=${fromSeconds} and endTime=${toSeconds}. The requested range must be within the last ${step.keptDays} days.`,
    );
  }
  const bars = market.bars(instrument, { fromSeconds, toSeconds, stepSeconds: step.seconds });
  const meta = toMeta(market, instrument, window, step.bar, nowSeconds);
  const events = query.events ? eventsIn(instrument, window) : {};
  const result = { meta, ...toColumns(bars), ...events };
  return Response.json({ chart: { result: [result], error: null } }, {
    headers: { "cache-control": "public, max-age=10, stale-while-revalidate=20" },
  });
}

/** What Yahoo says with a status of its own accord; 429 is plain text. */
export function errorAnswer(status: number): Response {
  if (status === 429) return new Response("Too Many Requests\r\n", { status });
  return refuse(status, "internal-error", "The server could not answer.");
}

function unprocessable(description: string): Response {
  return refuse(422, "Unprocessable Entity", description);
}

function refuse(status: number, code: string, description: string): Response {
  return Response.json({ chart: { result: null, error: { code, description } } }, { status });
}

function readWindow(
  market: Market,
  instrument: Instrument,
  { range, period1, period2 }: Record<string, string>,
  nowSeconds: number,
): Window | undefined {
  if (period1 !== undefined) {
    const fromSeconds = Number(period1);
    const toSeconds = Number(period2 ?? nowSeconds);
    const isWindow = Number.isInteger(fromSeconds) && Number.isInteger(toSeconds) &&
      fromSeconds < toSeconds;
    return isWindow ? { fromSeconds, toSeconds, range: "" } : undefined;
  }
  const name = range ?? "1d";
  if (!validRanges.includes(name)) return undefined;
  return {
    fromSeconds: startOfRange(market, instrument, name, nowSeconds),
    toSeconds: nowSeconds + 1,
    range: name,
  };
}

function startOfRange(
  market: Market,
  instrument: Instrument,
  range: string,
  nowSeconds: number,
): number {
  if (range === "max") return instrument.firstTradeSeconds;
  if (range === "ytd") return Date.UTC(new Date(nowSeconds * 1_000).getUTCFullYear()) / 1_000;
  if (range !== "1d") return nowSeconds - (daysOf[range] ?? 0) * daySeconds;
  const last = market.last(instrument);
  return last.atSeconds - (last.atSeconds + offsetSeconds(instrument, last.atSeconds)) % daySeconds;
}

function toMeta(
  market: Market,
  instrument: Instrument,
  { fromSeconds, range }: Window,
  dataGranularity: string,
  nowSeconds: number,
) {
  const last = market.last(instrument);
  const today = market.bars(instrument, {
    fromSeconds: last.atSeconds - daySeconds,
    toSeconds: nowSeconds + 1,
  }).at(-1);
  const isDay = range === "1d";
  return {
    currency: instrument.currency,
    symbol: instrument.symbol,
    exchangeName: instrument.exchangeName,
    fullExchangeName: instrument.fullExchangeName,
    instrumentType: instrument.type,
    firstTradeDate: instrument.firstTradeSeconds,
    regularMarketTime: last.atSeconds,
    hasPrePostMarketData: instrument.type !== "CRYPTOCURRENCY",
    gmtoffset: offsetSeconds(instrument, nowSeconds),
    timezone: zoneName(instrument, nowSeconds),
    exchangeTimezoneName: instrument.timeZone,
    regularMarketPrice: last.price,
    regularMarketDayHigh: today?.high ?? last.price,
    regularMarketDayLow: today?.low ?? last.price,
    regularMarketVolume: today?.volume ?? 0,
    longName: instrument.name,
    shortName: instrument.name,
    chartPreviousClose: market.closeBefore(instrument, isDay ? last.atSeconds : fromSeconds),
    priceHint: instrument.priceHint,
    currentTradingPeriod: currentTradingPeriod(instrument, nowSeconds),
    dataGranularity,
    range,
    validRanges,
  };
}

/** Yahoo keeps the prices of bars in single precision: 73.7975 goes out as 73.79750061035156. */
function toColumns(bars: Bar[]) {
  if (bars.length === 0) return { indicators: { quote: [{}] } };
  const column = (name: "open" | "high" | "low" | "close") =>
    bars.map((bar) => Math.fround(bar[name]));
  return {
    timestamp: bars.map(({ atSeconds }) => atSeconds),
    indicators: {
      quote: [{
        open: column("open"),
        high: column("high"),
        low: column("low"),
        close: column("close"),
        volume: bars.map(({ volume }) => volume),
      }],
      adjclose: [{ adjclose: column("close") }],
    },
  };
}

/** Yahoo leaves out what did not happen. */
function eventsIn({ dividends, splits }: Instrument, { fromSeconds, toSeconds }: Window) {
  const isIn = ({ date }: { date: number }) => date >= fromSeconds && date < toSeconds;
  const byDate = <Event extends { date: number }>(name: string, events: Event[]) =>
    events.length > 0
      ? { [name]: Object.fromEntries(events.map((event) => [String(event.date), event])) }
      : {};
  const events = {
    ...byDate("dividends", dividends.filter(isIn)),
    ...byDate(
      "splits",
      splits.filter(isIn).map((split) => ({
        ...split,
        splitRatio: `${split.numerator}:${split.denominator}`,
      })),
    ),
  };
  return Object.keys(events).length > 0 ? { events } : {};
}
