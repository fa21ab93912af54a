import { type Instrument, instruments, newListing } from "./instruments.ts";
import { type TradingDay, tradingDayAt, tradingDayOf } from "./trading_days.ts";

const daySeconds = 86_400;
/** The longest halt over a weekend; a search for a trading day goes no further. */
const daysBackMax = 7;

export interface Bar {
  atSeconds: number;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
}

export interface LastPrice {
  price: number;
  atSeconds: number;
}

export interface Market {
  find(symbol: string): Instrument | undefined;
  setPrice(symbol: string, price: number): void;
  last(instrument: Instrument): LastPrice;
  /** The close of the trading day before the one in which `atSeconds` lies. */
  closeBefore(instrument: Instrument, atSeconds: number): number;
  /** Days, or pieces of `stepSeconds` within the trading days, that begin in the window and not after now. */
  bars(instrument: Instrument, window: BarWindow): Bar[];
}

export interface BarWindow {
  fromSeconds: number;
  toSeconds: number;
  /** Undefined for whole days. */
  stepSeconds?: number;
}

/** Prices as a function of symbol and time alone, so that any moment can be asked for, in any order, in every run. */
export function createMarket(now: () => number): Market {
  const listed = new Map(instruments.map((instrument) => [instrument.symbol, instrument]));
  const byHand = new Map<string, LastPrice>();
  const nowSeconds = () => Math.floor(now() / 1_000);

  function last(instrument: Instrument): LastPrice {
    const atSeconds = nowSeconds();
    const day = dayAtOrBefore(instrument, atSeconds);
    const openSeconds = Math.min(atSeconds, day.endSeconds);
    const set = byHand.get(instrument.symbol);
    // A price that is set while the exchange is closed counts at once.
    if (set) return { price: set.price, atSeconds: Math.max(set.atSeconds, openSeconds) };
    return { price: priceAt(instrument, openSeconds), atSeconds: openSeconds };
  }

  /** The running bar ends with the last price, also where that was set by hand. */
  function toBar(instrument: Instrument, startSeconds: number, endSeconds: number): Bar {
    const latest = last(instrument);
    const open = priceAt(instrument, startSeconds);
    const isRunning = latest.atSeconds >= startSeconds && latest.atSeconds <= endSeconds;
    const close = isRunning ? latest.price : priceAt(instrument, endSeconds);
    const reach = 1 + 0.004 * noise(instrument.symbol, startSeconds);
    return {
      atSeconds: startSeconds,
      open,
      high: round(instrument, Math.max(open, close) * reach),
      low: round(instrument, Math.min(open, close) / reach),
      close,
      volume: Math.round(
        instrument.volume * (0.5 + noise(instrument.symbol, endSeconds)) *
          (endSeconds - startSeconds) / daySeconds,
      ),
    };
  }

  return {
    find: (symbol) => listed.get(symbol),
    setPrice(symbol, price) {
      if (!listed.has(symbol)) listed.set(symbol, newListing(symbol, price));
      byHand.set(symbol, { price, atSeconds: nowSeconds() });
    },
    last,
    closeBefore(instrument, atSeconds) {
      const day = dayAtOrBefore(instrument, atSeconds);
      return priceAt(instrument, dayAtOrBefore(instrument, day.startSeconds - 1).endSeconds);
    },
    bars(instrument, { fromSeconds, toSeconds, stepSeconds }) {
      const untilSeconds = Math.min(toSeconds, nowSeconds() + 1);
      const startSeconds = Math.max(fromSeconds, instrument.firstTradeSeconds);
      return daysIn(instrument, startSeconds, untilSeconds)
        .flatMap((day) => stepSeconds ? piecesOf(day, stepSeconds) : [day])
        .filter((piece) => piece.startSeconds >= fromSeconds && piece.startSeconds < untilSeconds)
        .map((piece) => toBar(instrument, piece.startSeconds, piece.endSeconds));
    },
  };
}

function dayAtOrBefore(instrument: Instrument, atSeconds: number): TradingDay {
  for (let back = 0; back <= daysBackMax; back++) {
    const day = tradingDayAt(instrument, atSeconds - back * daySeconds);
    if (day && day.startSeconds <= atSeconds) return day;
  }
  throw new RangeError(`${instrument.symbol} has no trading day before ${atSeconds}`);
}

function daysIn(instrument: Instrument, fromSeconds: number, toSeconds: number): TradingDay[] {
  const days: TradingDay[] = [];
  for (let day = Math.floor(fromSeconds / daySeconds); day * daySeconds < toSeconds; day++) {
    const trading = tradingDayOf(instrument, day);
    if (trading) days.push(trading);
  }
  return days;
}

function piecesOf({ startSeconds, endSeconds }: TradingDay, stepSeconds: number): TradingDay[] {
  const count = Math.ceil((endSeconds - startSeconds) / stepSeconds);
  return Array.from({ length: count }, (_, at) => ({
    startSeconds: startSeconds + at * stepSeconds,
    endSeconds: Math.min(startSeconds + (at + 1) * stepSeconds, endSeconds),
  }));
}

/** Slow swings of months, weeks and hours with a phase of the symbol's own, and a tremble from minute to minute. */
function priceAt(instrument: Instrument, atSeconds: number): number {
  const phase = 2 * Math.PI * noise(instrument.symbol, 0);
  const swing = (periodDays: number, size: number) =>
    size * Math.sin(2 * Math.PI * atSeconds / (periodDays * daySeconds) + phase * periodDays);
  const tremble = 0.001 * (noise(instrument.symbol, Math.floor(atSeconds / 60)) - 0.5);
  const logChange = swing(400, 0.18) + swing(37, 0.05) + swing(5.3, 0.015) + swing(0.21, 0.003);
  return round(instrument, instrument.basePrice * Math.exp(logChange + tremble));
}

function round({ priceHint }: Instrument, price: number): number {
  return Number(price.toFixed(priceHint));
}

/** A number in 0..1 that depends on the text and the number only: FNV-1a, then the finishing mix of MurmurHash3. */
function noise(text: string, number: number): number {
  let hash = 0x811c9dc5;
  for (const char of `${text}:${number}`) {
    hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
