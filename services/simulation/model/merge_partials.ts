/** Merging results of disjoint sets of paths. */
import { addHistogram } from "./histogram.ts";
import { emptyPartial, type PartialResult, type PathRange, shapeOf } from "./partial.ts";

/**
 * The result of all paths together: the same bytes in any order and from any split.
 * Throws a RangeError where `partials` is empty, comes from different programs or seeds, or counts
 * a path twice.
 */
export function mergePartials(partials: readonly PartialResult[]): PartialResult {
  const [first] = partials;
  if (!first) throw new RangeError("there is nothing to merge");
  const merged = emptyPartial(first.program, first.seed, shapeOf(first));
  for (const partial of partials) {
    if (partial.program !== first.program || partial.seed !== first.seed) {
      throw new RangeError("results of different programs or seeds do not merge");
    }
    addPartial(merged, partial);
  }
  merged.ranges = joinRanges(partials.flatMap((partial) => partial.ranges));
  return merged;
}

/** Disjoint ascending ranges, neighbours joined. */
function joinRanges(ranges: readonly PathRange[]): PathRange[] {
  const joined: PathRange[] = [];
  for (const range of [...ranges].sort((a, b) => a.first - b.first)) {
    const last = joined.at(-1);
    const end = last ? last.first + last.count : -1;
    if (range.first < end) throw new RangeError(`path ${range.first} is counted twice`);
    if (last && range.first === end) last.count += range.count;
    else joined.push({ ...range });
  }
  return joined;
}

function addPartial(merged: PartialResult, partial: PartialResult): void {
  merged.successes += partial.successes;
  addCounts(merged.shortRows, partial.shortRows);
  addCounts(merged.goalsMet, partial.goalsMet);
  addCounts(merged.regimeMonths, partial.regimeMonths);
  merged.nominal.forEach((histogram, row) => addHistogram(histogram, partial.nominal[row]!));
  merged.real.forEach((histogram, row) => addHistogram(histogram, partial.real[row]!));
  addHistogram(merged.yearGrowth, partial.yearGrowth);
  addHistogram(merged.maxDrawdown, partial.maxDrawdown);
  addHistogram(merged.shortfall, partial.shortfall);
  const { sums } = merged;
  sums.fees += partial.sums.fees;
  sums.taxes += partial.sums.taxes;
  sums.terminal += partial.sums.terminal;
  sums.terminalSquare += partial.sums.terminalSquare;
  partial.sums.yearReturn.forEach((sum, degree) => {
    sums.yearReturn[degree] = sums.yearReturn[degree]! + sum;
  });
}

function addCounts(counts: number[], others: readonly number[]): void {
  others.forEach((other, index) => counts[index] = (counts[index] ?? 0) + other);
}
