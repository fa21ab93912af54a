import { utcDay } from "../../../../lib/calendar.ts";
import { dayMs, type EpochMs, hourMs, minuteMs, secondMs } from "../../../../lib/time.ts";
import type { Interval, ProviderBar, ProviderQuote } from "../../ports.ts";
import { createCommonFactor } from "./common_factor.ts";
import { createDayPath, type DayPath, type PriceRange } from "./day_path.ts";
import { createHistory, type DayBar, type History } from "./history.ts";
import { type Instrument, instruments } from "./instruments.ts";
import { aroundTheClock, createNewYorkSessions, type Sessions } from "./sessions.ts";

type DemoQuote = Omit<ProviderQuote, "source">;
type DemoBar = Omit<ProviderBar, "source">;

/** One instrument with its history, computed as far as somebody asked. */
export interface Listing {
  /** What it costs at a moment; undefined before the market's first session. */
  quoteAt(nowMs: EpochMs): DemoQuote | undefined;
  /** The bars that begin in `[fromMs, toMs)` and not after `nowMs`; the last one may still be forming. */
  barsBetween(interval: Interval, fromMs: EpochMs, toMs: EpochMs, nowMs: EpochMs): DemoBar[];
}

/** The synthetic market: every price a function of symbol and time, the same in every process that computes it. */
export function createDemoMarket(): ReadonlyMap<string, Listing> {
  const common = createCommonFactor();
  const newYork = createNewYorkSessions();
  return new Map(instruments.map((instrument) => {
    const sessions = instrument.isCoin ? aroundTheClock : newYork;
    const history = createHistory(instrument, sessions, common);
    return [instrument.symbol, listing(instrument, sessions, history)];
  }));
}

/** One session of an instrument. */
interface Session {
  openMs: EpochMs;
  lengthSeconds: number;
  bar: DayBar;
  path: DayPath;
}

function listing(instrument: Instrument, sessions: Sessions, history: History): Listing {
  function sessionAt(index: number): Session {
    const { openMs, closeMs } = sessions.hoursAt(index);
    const lengthSeconds = (closeMs - openMs) / secondMs;
    const bar = history.barAt(index);
    const name = `${instrument.symbol} ${sessions.dayAt(index)}`;
    return { openMs, lengthSeconds, bar, path: createDayPath(bar, name, lengthSeconds) };
  }

  function barsOf(index: number, interval: Interval, nowMs: EpochMs): DemoBar[] {
    const session = sessionAt(index);
    const doneSeconds = elapsedIn(session, nowMs);
    if (interval !== "1d") return barsWithin(session, lengthsMs[interval], nowMs, instrument);
    const { bar, path } = session;
    // The day's extremes are not known before they have happened.
    const isOver = doneSeconds === session.lengthSeconds;
    const range = isOver ? bar : path.rangeBetween(0, doneSeconds);
    const startMs = sessions.dayAt(index) * dayMs;
    return [toBar(startMs, range, path.volumeBetween(0, doneSeconds), instrument)];
  }

  return {
    quoteAt(nowMs) {
      const index = sessions.indexAt(nowMs);
      if (index < 0) return undefined;
      const session = sessionAt(index);
      const elapsedSeconds = elapsedIn(session, nowMs);
      return {
        symbol: instrument.symbol,
        price: printPrice(session.path.priceAfter(elapsedSeconds), instrument),
        previousClose: printPrice(session.bar.previousClose, instrument),
        volume: session.path.volumeBetween(0, elapsedSeconds),
        currency: "USD",
        asOfMs: session.openMs + elapsedSeconds * secondMs,
        session: sessions.phaseAt(nowMs),
      };
    },
    barsBetween(interval, fromMs, toMs, nowMs) {
      const bars: DemoBar[] = [];
      if (fromMs > nowMs) return bars;
      const last = sessions.indexAt(nowMs);
      for (let index = sessions.indexFrom(utcDay(fromMs)); index <= last; index++) {
        if (sessions.dayAt(index) * dayMs >= toMs) break;
        for (const bar of barsOf(index, interval, nowMs)) {
          if (bar.startMs >= fromMs && bar.startMs < toMs) bars.push(bar);
        }
      }
      return bars;
    },
  };
}

const lengthsMs = { "1h": hourMs, "5m": 5 * minuteMs, "1m": minuteMs };

function elapsedIn({ openMs, lengthSeconds }: Session, nowMs: EpochMs): number {
  return Math.min(Math.floor((nowMs - openMs) / secondMs), lengthSeconds);
}

function barsWithin(
  session: Session,
  stepMs: number,
  nowMs: EpochMs,
  instrument: Instrument,
): DemoBar[] {
  const { openMs, path } = session;
  const doneSeconds = elapsedIn(session, nowMs);
  const stepSeconds = stepMs / secondMs;
  const bars: DemoBar[] = [];
  for (let from = 0; from < doneSeconds; from += stepSeconds) {
    const to = Math.min(from + stepSeconds, doneSeconds);
    const range = path.rangeBetween(from, to);
    bars.push(toBar(openMs + from * secondMs, range, path.volumeBetween(from, to), instrument));
  }
  return bars;
}

function toBar(
  startMs: EpochMs,
  { open, high, low, close }: PriceRange,
  volume: number,
  instrument: Instrument,
): DemoBar {
  return {
    startMs,
    open: printPrice(open, instrument),
    high: printPrice(high, instrument),
    low: printPrice(low, instrument),
    close: printPrice(close, instrument),
    volume,
    adjusted: "all",
  };
}

/** Cents; six decimals for a coin below one dollar. Without the zeros at the end, as every provider writes it. */
function printPrice(price: number, { isCoin }: Instrument): string {
  return String(Number(price.toFixed(isCoin && price < 1 ? 6 : 2)));
}
