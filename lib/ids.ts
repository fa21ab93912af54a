import type { Clock } from "./time.ts";
import type { RandomBytes } from "./random.ts";

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/**
 * Makes UUIDv7 (RFC 9562, section 5.7): 48 bits of milliseconds, then a counter in the 12 bits of `rand_a`
 * so that ids made in one millisecond sort in the order in which they were made (method 1 of section 6.2).
 */
export function uuidv7Maker(now: Clock, random: RandomBytes): () => string {
  let lastMs = 0;
  let counter = 0;
  return () => {
    const ms = Math.max(now(), lastMs);
    counter = ms === lastMs ? counter + 1 : random(1)[0]!;
    lastMs = counter > 0xfff ? ms + 1 : ms;
    if (counter > 0xfff) counter = 0;
    return formatUuid(lastMs, counter, random(8));
  };
}

export function isUuid(text: string): boolean {
  return uuidPattern.test(text);
}

/** When a UUIDv7 was made: the milliseconds in its first 48 bits. */
export function msOfUuidv7(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}

function formatUuid(ms: number, counter: number, tail: Uint8Array): string {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, Math.floor(ms / 2 ** 32));
  view.setUint32(2, ms >>> 0);
  view.setUint16(6, 0x7000 | counter);
  bytes.set(tail, 8);
  bytes[8] = 0x80 | (bytes[8]! & 0x3f);
  const hex = bytes.toHex?.() ??
    Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${
    hex.slice(20)
  }`;
}
