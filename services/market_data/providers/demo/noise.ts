/**
 * Chance that can be looked up: the same key and index give the same number on every machine and in every order.
 * Whole-number mixing and the four operations only, no function whose last digit depends on the host.
 */

/** The key of a stream of numbers, by its name: FNV-1a (Fowler, Noll, Vo). */
export function keyOf(name: string): number {
  let key = 0x811c9dc5;
  for (let at = 0; at < name.length; at++) {
    key = Math.imul(key ^ name.charCodeAt(at), 0x01000193);
  }
  return key;
}

/** 32 bits, by the finaliser of MurmurHash3 (Appleby), which is a bijection that changes half of the bits. */
function bitsAt(key: number, index: number): number {
  let bits = key ^ Math.imul(index, 0x9e3779b1);
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

/** At least 0 and below 1. */
export function uniformAt(key: number, index: number): number {
  return bitsAt(key, index) / 4294967296;
}

/** Nearly normal, mean 0 and variance 1, never beyond 3.47: four uniforms of 16 bits, summed (Irwin and Hall). */
export function normalAt(key: number, index: number): number {
  const first = bitsAt(key, 2 * index), second = bitsAt(key, 2 * index + 1);
  const sum = (first & 0xffff) + (first >>> 16) + (second & 0xffff) + (second >>> 16);
  return (sum / 65535 - 2) * 1.7320508075688772;
}

/** Between -1 and 1, a line from one whole position to the next. */
export function smoothAt(key: number, position: number): number {
  const index = Math.floor(position);
  const from = uniformAt(key, index), to = uniformAt(key, index + 1);
  return 2 * (from + (to - from) * (position - index)) - 1;
}
