import type { DayBar } from "./history.ts";
import { keyOf, smoothAt, uniformAt } from "./noise.ts";

/** The course of one session, from its bar's open to its close. */
export interface DayPath {
  /** The price after so many seconds, at the same cost at any time; the close from the session's end on. */
  priceAfter(elapsedSeconds: number): number;
  /** How much was traded between two moments. */
  volumeBetween(fromSeconds: number, toSeconds: number): number;
  /** Open, high, low and close from one moment to a later one. */
  rangeBetween(fromSeconds: number, toSeconds: number): PriceRange;
}

export interface PriceRange {
  open: number;
  high: number;
  low: number;
  close: number;
}

/** The day's extremes fall on this grid, and ranges are looked at on it: so every kind of bar finds them. */
const gridSeconds = 10;
/** How long a swing lasts in seconds, and its share of the whole. */
const swings = [[1800, 0.42], [300, 0.28], [60, 0.15], [10, 0.1], [1, 0.05]] as const;
/** The widest swing away from the line between two knots, as a share of the day's range. */
const swingMax = 0.3;

/** A path through the bar's open, high, low and close that never leaves the bar, by the path's own name. */
export function createDayPath(bar: DayBar, name: string, lengthSeconds: number): DayPath {
  const key = keyOf(name);
  const knots = knotsOf(bar, key, lengthSeconds);

  function priceAfter(elapsedSeconds: number): number {
    if (elapsedSeconds >= lengthSeconds) return bar.close;
    const at = knots.findIndex(([seconds]) => seconds > elapsedSeconds);
    const [fromSeconds, from] = knots[at - 1] ?? [0, bar.open];
    const [toSeconds, to] = knots[at] ?? [lengthSeconds, bar.close];
    const share = (elapsedSeconds - fromSeconds) / (toSeconds - fromSeconds);
    // Swings die down towards a knot, where the price is certain.
    const away = 4 * share * (1 - share) * swingMax * (bar.high - bar.low);
    const price = from + (to - from) * share + away * swingAt(key, elapsedSeconds);
    return Math.min(Math.max(price, bar.low), bar.high);
  }

  return {
    priceAfter,
    volumeBetween(fromSeconds, toSeconds) {
      const traded = (seconds: number) =>
        Math.round(bar.volume * shareTraded(seconds / lengthSeconds));
      return traded(toSeconds) - traded(fromSeconds);
    },
    rangeBetween(fromSeconds, toSeconds) {
      const open = priceAfter(fromSeconds), close = priceAfter(toSeconds);
      const range = { open, high: Math.max(open, close), low: Math.min(open, close), close };
      const first = Math.ceil(fromSeconds / gridSeconds) * gridSeconds;
      for (let seconds = first; seconds < toSeconds; seconds += gridSeconds) {
        const price = priceAfter(seconds);
        range.high = Math.max(range.high, price);
        range.low = Math.min(range.low, price);
      }
      return range;
    },
  };
}

/** Where the price is certain: open, the two extremes in one order or the other, close. */
function knotsOf(bar: DayBar, key: number, lengthSeconds: number): [number, number][] {
  const onGrid = (share: number) => Math.round(lengthSeconds * share / gridSeconds) * gridSeconds;
  const highFirst = uniformAt(key, -1) < 0.5;
  return [
    [0, bar.open],
    [onGrid(0.08 + 0.37 * uniformAt(key, -2)), highFirst ? bar.high : bar.low],
    [onGrid(0.55 + 0.37 * uniformAt(key, -3)), highFirst ? bar.low : bar.high],
    [lengthSeconds, bar.close],
  ];
}

function swingAt(key: number, seconds: number): number {
  let sum = 0;
  for (const [length, share] of swings) sum += share * smoothAt(key ^ length, seconds / length);
  return sum;
}

/** Of the day's volume, after a share of the session: busy at both ends, quiet at noon. */
function shareTraded(share: number): number {
  const centred = 2 * Math.min(share, 1) - 1;
  return 0.3 * (centred + 1) + 0.2 * (centred * centred * centred + 1);
}
