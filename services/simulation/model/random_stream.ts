/**
 * Path k's stream of random bits is a function of (seed, k) alone, so a path is the same whichever
 * chunk, worker or machine draws it.
 *
 * The 128 bits of state are Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as
 * 1, 2, 3") of the counter k under the key seed. Philox is a bijection of the counter, so no two
 * paths of one seed begin alike. The stream itself is xoshiro128++ (Blackman and Vigna 2021), whose
 * period is 2^128 - 1. Both are tested against their authors' published values.
 */

/** State of one path's stream: four 32-bit words. */
export type RandomStream = Int32Array;

/** A stream to be seeded by `seedStream` before its first draw. */
export function createStream(): RandomStream {
  return new Int32Array(4);
}

/** Sets `stream` to the beginning of path `path` under `seed` (both whole, 0 to 2^53 - 1). */
export function seedStream(stream: RandomStream, seed: number, path: number): void {
  philox(stream, [path | 0, upperWord(path), 0, 0], [seed | 0, upperWord(seed)]);
  // xoshiro's one forbidden state; it would need all of 2^128 to be met by chance.
  if ((stream[0]! | stream[1]! | stream[2]! | stream[3]!) === 0) stream[0] = 1;
}

/** The next 32 bits, as a signed integer. */
export function nextBits(stream: RandomStream): number {
  const s0 = stream[0]!, s1 = stream[1]!, s2 = stream[2]!, s3 = stream[3]!;
  const sum = (s0 + s3) | 0;
  const a = s2 ^ s0, b = s3 ^ s1;
  stream[0] = s0 ^ b;
  stream[1] = s1 ^ a;
  stream[2] = a ^ (s1 << 9);
  stream[3] = (b << 11) | (b >>> 21);
  return (((sum << 7) | (sum >>> 25)) + s0) | 0;
}

/** The next number strictly between 0 and 1: the middles of 2^32 equal cells. */
export function nextUniform(stream: RandomStream): number {
  return ((nextBits(stream) >>> 0) + 0.5) * 2.3283064365386963e-10;
}

/** Philox4x32-10: ten rounds of two 32 x 32 -> 64 bit products, the key bumped by Weyl constants. */
export function philox(out: Int32Array, counter: readonly number[], key: readonly number[]): void {
  let [c0, c1, c2, c3] = counter as [number, number, number, number];
  let [k0, k1] = key as [number, number];
  for (let round = 0; round < 10; round++) {
    const high0 = multiplyHigh(0xd2511f53, c0), low0 = Math.imul(0xd2511f53, c0);
    const high1 = multiplyHigh(0xcd9e8d57, c2), low1 = Math.imul(0xcd9e8d57, c2);
    [c0, c1, c2, c3] = [high1 ^ c1 ^ k0, low1, high0 ^ c3 ^ k1, low0];
    k0 = (k0 + 0x9e3779b9) | 0;
    k1 = (k1 + 0xbb67ae85) | 0;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

/** Upper 32 bits of the unsigned product, by 16-bit halves whose products a double holds exactly. */
function multiplyHigh(a: number, b: number): number {
  const a0 = a & 0xffff, a1 = a >>> 16, b0 = b & 0xffff, b1 = b >>> 16;
  const middle = a1 * b0 + ((a0 * b0) >>> 16);
  const carried = a0 * b1 + (middle % 65536);
  return (a1 * b1 + Math.floor(middle / 65536) + Math.floor(carried / 65536)) | 0;
}

function upperWord(value: number): number {
  return Math.floor(value / 4294967296) | 0;
}
