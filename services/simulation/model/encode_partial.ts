/**
 * Results as bytes. Equal results have equal bytes, so these bytes are what a result's hash is
 * taken of, and what a chunk hands to whoever merges.
 */
import { type ByteReader, type ByteWriter, createByteReader, createByteWriter } from "./bytes.ts";
import { addToBin, createHistogram, filledCounts, type Histogram } from "./histogram.ts";
import type { PartialResult } from "./partial.ts";

const format = "almanac-partial-1";

/** Eleven bits of exponent and ten of significand. */
const binLimit = 2097152;

export function encodePartial(partial: PartialResult): Uint8Array<ArrayBuffer> {
  const writer = createByteWriter();
  writer.text(format);
  writer.text(partial.program);
  writer.count(partial.seed);
  writeCounts(writer, partial.ranges.flatMap((range) => [range.first, range.count]));
  writer.count(partial.successes);
  writeCounts(writer, partial.shortRows);
  writeCounts(writer, partial.goalsMet);
  writeCounts(writer, partial.regimeMonths);
  for (const histogram of [...partial.nominal, ...partial.real]) writeHistogram(writer, histogram);
  writeHistogram(writer, partial.yearGrowth);
  writeHistogram(writer, partial.maxDrawdown);
  writeHistogram(writer, partial.shortfall);
  const { fees, taxes, terminal, terminalSquare, yearReturn } = partial.sums;
  for (const sum of [fees, taxes, terminal, terminalSquare, ...yearReturn]) writer.big(sum);
  return writer.bytes();
}

/** The inverse of `encodePartial`. Throws a RangeError for anything that it did not write. */
export function decodePartial(bytes: Uint8Array): PartialResult {
  const reader = createByteReader(bytes);
  if (reader.text() !== format) throw new RangeError("these bytes are no partial result");
  const program = reader.text();
  const seed = reader.count();
  const ranges = pairs(readCounts(reader)).map(([first, count]) => ({ first, count }));
  const successes = reader.count();
  const shortRows = readCounts(reader);
  const goalsMet = readCounts(reader);
  const regimeMonths = readCounts(reader);
  const nominal = shortRows.map(() => readHistogram(reader));
  const real = shortRows.map(() => readHistogram(reader));
  const yearGrowth = readHistogram(reader);
  const maxDrawdown = readHistogram(reader);
  const shortfall = readHistogram(reader);
  const sums = {
    fees: reader.big(),
    taxes: reader.big(),
    terminal: reader.big(),
    terminalSquare: reader.big(),
    yearReturn: [reader.big(), reader.big(), reader.big(), reader.big()] as [
      bigint,
      bigint,
      bigint,
      bigint,
    ],
  };
  reader.end();
  return {
    program,
    seed,
    ranges,
    successes,
    shortRows,
    goalsMet,
    regimeMonths,
    nominal,
    real,
    yearGrowth,
    maxDrawdown,
    shortfall,
    sums,
  };
}

/**
 * Bins by their distance from the one before, doubled, plus one where a count follows: most bins
 * of a chunk hold a single path, and then cost one byte.
 */
function writeHistogram(writer: ByteWriter, histogram: Histogram): void {
  const filled = filledCounts(histogram);
  writer.count(filled.length);
  if (filled.length === 0) return;
  writer.double(histogram.least);
  writer.double(histogram.most);
  let previous = 0;
  for (const [bin, count] of filled) {
    writer.count((bin - previous) * 2 + (count > 1 ? 1 : 0));
    if (count > 1) writer.count(count - 2);
    previous = bin;
  }
}

function readHistogram(reader: ByteReader): Histogram {
  const histogram = createHistogram();
  const length = reader.count();
  if (length === 0) return histogram;
  histogram.least = reader.double();
  histogram.most = reader.double();
  let bin = 0;
  for (let index = 0; index < length; index++) {
    const token = reader.count();
    bin += Math.floor(token / 2);
    if (bin >= binLimit) throw new RangeError("a bin lies outside of all numbers");
    addToBin(histogram, bin, token % 2 === 1 ? reader.count() + 2 : 1);
  }
  return histogram;
}

function writeCounts(writer: ByteWriter, counts: readonly number[]): void {
  writer.count(counts.length);
  counts.forEach((count) => writer.count(count));
}

function readCounts(reader: ByteReader): number[] {
  const counts: number[] = [];
  for (let left = reader.count(); left > 0; left--) counts.push(reader.count());
  return counts;
}

function pairs(counts: readonly number[]): [number, number][] {
  if (counts.length % 2 !== 0) throw new RangeError("a range of paths is cut short");
  return Array.from(
    { length: counts.length / 2 },
    (_, index) => [counts[2 * index] ?? 0, counts[2 * index + 1] ?? 0],
  );
}
