import assert from "node:assert/strict";
import {
  createStream,
  nextBits,
  nextUniform,
  philox,
  seedStream,
} from "../../../../services/simulation/model/random_stream.ts";

Deno.test("philox() gives the known answers of its authors", () => {
  // Random123, kat_vectors, philox4x32 with 10 rounds.
  const cases = [
    {
      counter: [0, 0, 0, 0],
      key: [0, 0],
      words: "6627e8d5 e169c58d bc57ac4c 9b00dbd8",
    },
    {
      counter: [-1, -1, -1, -1],
      key: [-1, -1],
      words: "408f276d 41c83b0e a20bc7c6 6d5451fd",
    },
    {
      counter: [0x243f6a88, 0x85a308d3 | 0, 0x13198a2e, 0x03707344],
      key: [0xa4093822 | 0, 0x299f31d0],
      words: "d16cfe09 94fdcceb 5001e420 24126ea1",
    },
  ];
  for (const { counter, key, words } of cases) {
    const out = createStream();
    philox(out, counter, key);
    assert.equal([...out].map(hex).join(" "), words);
  }
});

Deno.test("nextBits() is xoshiro128++ as its authors wrote it", () => {
  // The reference C program's first outputs from the state 1, 2, 3, 4.
  const stream = Int32Array.from([1, 2, 3, 4]);
  const expected = [641, 1573767, 3222811527, 3517856514, 836907274, 4247214768];
  assert.deepEqual(expected.map(() => nextBits(stream) >>> 0), expected);
});

Deno.test("a path's stream depends on its seed and number alone, and on all their digits", () => {
  const seeds = [0, 1, 2 ** 32, 2 ** 32 + 1, 2 ** 53 - 1];
  const paths = [0, 1, 2, 999_999];
  const beginnings = seeds.flatMap((seed) =>
    paths.map((path) => {
      const stream = createStream();
      seedStream(stream, seed, path);
      const first = [...stream].join();
      seedStream(stream, seed, path);
      assert.equal([...stream].join(), first);
      return first;
    })
  );
  assert.equal(new Set(beginnings).size, seeds.length * paths.length);
});

Deno.test("nextUniform() stays strictly within 0 and 1 and fills it evenly", () => {
  const stream = createStream();
  seedStream(stream, 7, 0);
  const counts = new Array<number>(64).fill(0);
  const draws = 256_000;
  for (let draw = 0; draw < draws; draw++) {
    const uniform = nextUniform(stream);
    assert.ok(uniform > 0 && uniform < 1);
    const cell = Math.floor(uniform * 64);
    counts[cell] = (counts[cell] ?? 0) + 1;
  }
  const expected = draws / 64;
  const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  // 63 degrees of freedom: mean 63, deviation 11.2; four deviations.
  assert.ok(Math.abs(chiSquare - 63) < 45, `chi-square ${chiSquare}`);
});

Deno.test("first draws of neighbouring paths are as good as independent", () => {
  const stream = createStream();
  const firsts = Array.from({ length: 20_001 }, (_, path) => {
    seedStream(stream, 3, path);
    return nextUniform(stream) - 0.5;
  });
  const pairs = firsts.slice(1).map((value, index) => value * (firsts[index] ?? 0) * 12);
  const correlation = pairs.reduce((sum, value) => sum + value, 0) / pairs.length;
  assert.ok(Math.abs(correlation) < 4 / Math.sqrt(pairs.length), `correlation ${correlation}`);
});

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, "0");
}
