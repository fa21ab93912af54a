/**
 * Counts of non-negative numbers by the bits of the number: a bin is an exponent and the first ten
 * bits of the significand, so it is at most 0.098 % wide. Counts are whole, so histograms merge
 * exactly in any order; memory follows the spread of the values, never their number.
 */
import { binOf, lowerEdgeOf } from "./float_bits.ts";

const slotsPerPage = 1024;

/** One page of counters per exponent that occurs. `least` and `most` are exact. */
export interface Histogram {
  pages: Map<number, Uint32Array>;
  count: number;
  least: number;
  most: number;
}

/** A bin with something in it; its edges are drawn in to the least and most value seen. */
export interface FilledBin {
  lower: number;
  upper: number;
  count: number;
}

export function createHistogram(): Histogram {
  return { pages: new Map(), count: 0, least: Infinity, most: -Infinity };
}

/** Counts `value`, which must be finite and not negative. */
export function record(histogram: Histogram, value: number): void {
  if (!(value >= 0 && value < Infinity)) throw new RangeError(`cannot count ${value}`);
  addToBin(histogram, binOf(value), 1);
  histogram.least = Math.min(histogram.least, value);
  histogram.most = Math.max(histogram.most, value);
}

export function addToBin(histogram: Histogram, bin: number, count: number): void {
  const key = Math.floor(bin / slotsPerPage);
  let page = histogram.pages.get(key);
  if (!page) {
    page = new Uint32Array(slotsPerPage);
    histogram.pages.set(key, page);
  }
  const slot = bin % slotsPerPage;
  page[slot] = page[slot]! + count;
  histogram.count += count;
}

/** Adds the counts of `other` to `histogram`. */
export function addHistogram(histogram: Histogram, other: Histogram): void {
  for (const [bin, count] of filledCounts(other)) addToBin(histogram, bin, count);
  histogram.least = Math.min(histogram.least, other.least);
  histogram.most = Math.max(histogram.most, other.most);
}

/** [bin, count] of every bin that is not empty, ascending. */
export function filledCounts(histogram: Histogram): [number, number][] {
  const filled: [number, number][] = [];
  for (const key of [...histogram.pages.keys()].sort((a, b) => a - b)) {
    histogram.pages.get(key)?.forEach((count, slot) => {
      if (count > 0) filled.push([key * slotsPerPage + slot, count]);
    });
  }
  return filled;
}

export function filledBins(histogram: Histogram): FilledBin[] {
  return filledCounts(histogram).map(([bin, count]) => ({
    lower: Math.max(lowerEdgeOf(bin), histogram.least),
    upper: Math.min(lowerEdgeOf(bin + 1), histogram.most),
    count,
  }));
}

/**
 * The value below which a share `q` of the counts lies, values taken as evenly spread within their
 * bin. Exact where all values are equal; otherwise within 0.05 % of the sample's own quantile.
 * Null for an empty histogram.
 */
export function quantile(bins: readonly FilledBin[], q: number): number | null {
  const total = bins.reduce((sum, bin) => sum + bin.count, 0);
  const rank = q * total;
  let below = 0;
  for (const bin of bins) {
    if (below + bin.count >= rank) {
      return bin.lower + (bin.upper - bin.lower) * Math.max(0, rank - below) / bin.count;
    }
    below += bin.count;
  }
  return bins.at(-1)?.upper ?? null;
}

/** Mean of the lowest share `q` of the counts, each bin standing at its middle. */
export function lowerTailMean(bins: readonly FilledBin[], q: number): number | null {
  const wanted = q * bins.reduce((sum, bin) => sum + bin.count, 0);
  let taken = 0, sum = 0;
  for (const bin of bins) {
    const count = Math.min(bin.count, wanted - taken);
    if (count <= 0) break;
    sum += count * (bin.lower + bin.upper) / 2;
    taken += count;
  }
  return taken > 0 ? sum / taken : null;
}
