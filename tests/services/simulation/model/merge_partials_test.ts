import assert from "node:assert/strict";
import fc from "fast-check";
import {
  compileModel,
  decodePartial,
  encodePartial,
  mergePartials,
  type PartialResult,
  pathsIn,
  type PlanProgram,
  runChunk,
  summarise,
} from "../../../../services/simulation/model/mod.ts";
import { fourRegimePlan } from "./models.ts";

const seed = 42;
const paths = 3_000;

Deno.test("1 chunk, 7 chunks and 1,000 shuffled chunks give the same bytes", () => {
  const program = yearlyRows(60);
  const whole = encodePartial(runChunk(program, { seed, firstPath: 0, pathCount: paths }));
  const seven = mergePartials(chunks(program, 7));
  const thousand = chunks(program, 1_000);
  // A fixed shuffle: 387 and 1,000 have no common factor.
  const shuffled = thousand.map((_, index) => thousand[(index * 387) % 1_000] ?? thousand[0]!);
  const throughBytes = shuffled.map((partial) => decodePartial(encodePartial(partial)));
  assert.deepEqual(encodePartial(seven), whole);
  assert.deepEqual(encodePartial(mergePartials(throughBytes)), whole);
  assert.deepEqual(seven.ranges, [{ first: 0, count: paths }]);
});

Deno.test("merging is associative and commutative", () => {
  const program = yearlyRows(24);
  const parts = chunks(program, 12);
  const whole = encodePartial(mergePartials(parts));
  const order = fc.shuffledSubarray(parts, { minLength: 12, maxLength: 12 });
  fc.assert(
    fc.property(order, fc.integer({ min: 1, max: 11 }), (shuffled, cut) => {
      const left = mergePartials(shuffled.slice(0, cut));
      const right = mergePartials(shuffled.slice(cut));
      assert.deepEqual(encodePartial(mergePartials([right, left])), whole);
    }),
    { numRuns: 20 },
  );
});

Deno.test("mergePartials() leaves what it merges as it was", () => {
  const parts = chunks(yearlyRows(12), 3);
  const before = parts.map(encodePartial);
  mergePartials(parts);
  assert.deepEqual(parts.map(encodePartial), before);
});

Deno.test("mergePartials() refuses a path counted twice, another seed, another program", () => {
  const program = yearlyRows(12);
  const part = runChunk(program, { seed, firstPath: 10, pathCount: 10 });
  const overlapping = runChunk(program, { seed, firstPath: 19, pathCount: 2 });
  assert.throws(() => mergePartials([part, overlapping]), /path 19 is counted twice/);
  assert.throws(() => mergePartials([part, part]), /counted twice/);
  const reseeded = runChunk(program, { seed: 43, firstPath: 20, pathCount: 1 });
  assert.throws(() => mergePartials([part, reseeded]), /different programs or seeds/);
  const other = runChunk({ ...program, monthlyFee: 0.001 }, { seed, firstPath: 20, pathCount: 1 });
  assert.throws(() => mergePartials([part, other]), /different programs or seeds/);
  assert.throws(() => mergePartials([]), /nothing to merge/);
});

Deno.test("paths that are missing leave a gap that can be seen", () => {
  const program = yearlyRows(12);
  const merged = mergePartials([
    runChunk(program, { seed, firstPath: 30, pathCount: 5 }),
    runChunk(program, { seed, firstPath: 0, pathCount: 10 }),
  ]);
  assert.deepEqual(merged.ranges, [{ first: 0, count: 10 }, { first: 30, count: 5 }]);
  assert.equal(pathsIn(merged), 15);
});

Deno.test("decodePartial() inverts encodePartial() and refuses everything else", () => {
  const partial = runChunk(yearlyRows(36), { seed, firstPath: 7, pathCount: 50 });
  const bytes = encodePartial(partial);
  assert.deepEqual(decodePartial(bytes), partial);
  assert.deepEqual(summarise(decodePartial(bytes)), summarise(partial));
  assert.throws(() => decodePartial(bytes.subarray(0, bytes.length - 1)), RangeError);
  assert.throws(() => decodePartial(Uint8Array.from([...bytes, 0])), RangeError);
  assert.throws(() => decodePartial(new Uint8Array(0)), RangeError);
  assert.throws(() => decodePartial(new TextEncoder().encode("nonsense")), RangeError);
});

Deno.test("1,000 paths of 50 years fit into 300 kB, and memory does not follow their number", () => {
  const program = yearlyRows(600);
  const bytes = encodePartial(runChunk(program, { seed, firstPath: 0, pathCount: 1_000 }));
  assert.ok(bytes.length < 300_000, `${bytes.length} bytes`);
  const few = pagesOf(runChunk(yearlyRows(60), { seed, firstPath: 0, pathCount: 1_000 }));
  const many = pagesOf(runChunk(yearlyRows(60), { seed, firstPath: 0, pathCount: 20_000 }));
  assert.ok(many < 2 * few, `${many} pages instead of ${few}`);
});

function yearlyRows(months: number): PlanProgram {
  const program = compileModel(fourRegimePlan({ months }));
  const rowEnds = Array.from({ length: months / 12 }, (_, year) => year * 12 + 11);
  const goals = [{ name: "half way", month: months / 2, nominal: 900, real: 0 }];
  return { ...program, rowEnds, goals };
}

function chunks(program: PlanProgram, count: number): PartialResult[] {
  const edges = Array.from({ length: count + 1 }, (_, k) => Math.floor(k * paths / count));
  return edges.slice(1).map((end, index) => {
    const firstPath = edges[index] ?? 0;
    return runChunk(program, { seed, firstPath, pathCount: end - firstPath });
  });
}

function pagesOf(partial: PartialResult): number {
  const { nominal, real, yearGrowth, maxDrawdown, shortfall } = partial;
  return [...nominal, ...real, yearGrowth, maxDrawdown, shortfall]
    .reduce((sum, histogram) => sum + histogram.pages.size, 0);
}
