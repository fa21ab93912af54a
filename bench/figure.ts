/** What a bench says: one number of ours beside the number it is judged against, from the same run. */
export interface Figure {
  bench: string;
  what: string;
  value: number;
  unit: string;
  /** The peer that was measured beside us, `chain` for the whole of which this is a part, or `bar` for a fixed number. */
  against: "chain" | "B0" | "B1" | "numpy" | "cpp" | "scalar" | "bar";
  other: number;
  /** `value` ÷ `other`. */
  ratio: number;
  better: "lower" | "higher";
  /** How many measurements each number is taken from. */
  runs: number;
}

/** Fills in the ratio, and rounds numbers to what a measurement can tell. */
export function figure(measured: Omit<Figure, "ratio">): Figure {
  const { bench, what, value, unit, against, other, better, runs } = measured;
  const ratio = significant(value / other, 3);
  return {
    bench,
    what,
    value: significant(value, 4),
    unit,
    against,
    other: significant(other, 4),
    ratio,
    better,
    runs,
  };
}

function significant(value: number, digits: number): number {
  return Number(value.toPrecision(digits));
}
