import type { EpochMs } from "../../../lib/time.ts";

/** Which later events past prices are restated for. */
export type Adjustment = "none" | "split" | "all";

export interface Adjustable {
  startMs: EpochMs;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
}

/** Amounts are per share, restated for the same events as the bars that they come with. */
export type CorporateAction =
  | { kind: "dividend"; exMs: EpochMs; amount: number }
  | { kind: "split"; exMs: EpochMs; numerator: number; denominator: number };

/** What prices and volumes before an event are multiplied by. */
interface Step {
  exMs: EpochMs;
  price: number;
  volume: number;
}

/**
 * Bars restated from one adjustment to another. A split of n for d divides earlier prices by n/d and multiplies
 * earlier volumes; a dividend multiplies earlier prices by 1 - amount / close of the day before (the method of CRSP,
 * which Yahoo's adjusted close follows too). `bars` are in order of time and reach to the last event. Undefined where
 * dividends would have to be taken out again: what they were set against is not known any more.
 */
export function adjustBars<B extends Adjustable>(
  bars: readonly B[],
  actions: readonly CorporateAction[],
  from: Adjustment,
  to: Adjustment,
): B[] | undefined {
  if (from === to || actions.length === 0) return [...bars];
  if (from === "all") return undefined;
  const steps = actions.map((action) => stepOf(action, bars, from, to))
    .sort((a, b) => b.exMs - a.exMs);
  let next = 0, price = 1, volume = 1;
  // From the youngest bar backwards, each event met on the way holds for everything before it.
  return bars.toReversed().map((bar) => {
    for (let step = steps[next]; step && step.exMs > bar.startMs; step = steps[++next]) {
      price *= step.price;
      volume *= step.volume;
    }
    return scaled(bar, price, volume);
  }).reverse();
}

function stepOf(
  action: CorporateAction,
  bars: readonly Adjustable[],
  from: Adjustment,
  to: Adjustment,
): Step {
  const { exMs } = action;
  if (action.kind === "dividend") {
    const before = bars.findLast(({ startMs }) => startMs < exMs)?.close;
    const counts = to === "all" && before !== undefined;
    return { exMs, price: counts ? 1 - action.amount / before : 1, volume: 1 };
  }
  const ratio = action.numerator / action.denominator;
  if (from === "none") return { exMs, price: 1 / ratio, volume: ratio };
  return to === "none" ? { exMs, price: ratio, volume: 1 / ratio } : { exMs, price: 1, volume: 1 };
}

function scaled<B extends Adjustable>(bar: B, price: number, volume: number): B {
  if (price === 1 && volume === 1) return bar;
  return {
    ...bar,
    open: rounded(bar.open * price),
    high: rounded(bar.high * price),
    low: rounded(bar.low * price),
    close: rounded(bar.close * price),
    volume: Math.round(bar.volume * volume),
  };
}

/** Six decimals: as many as any source states. */
function rounded(price: number): number {
  return Math.round(price * 1e6) / 1e6;
}
