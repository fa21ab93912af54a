import { bytesToBase62, toBase62 } from "../../../lib/base62.ts";
import { crc32 } from "../../../lib/crc32.ts";

/**
 * The text of an API key, `almanac_<name>_<secret><checksum>`: 64 random bits by which people tell keys apart, 256 that
 * are the secret, and the CRC-32 of all before it, as GitHub's tokens have one. A secret scanner finds it by its shape,
 * and a typing error is known without asking anybody.
 */
export interface ApiKeyText {
  key: string;
  /** What of it may be shown: everything in front of the secret. */
  prefix: string;
}

const start = "almanac_";
export const nameBytes = 8;
export const secretBytes = 32;
// The fewest digits of base 62 that hold so many bits: 62^11 > 2^64, 62^43 > 2^256, 62^6 > 2^32.
const nameLength = 11;
const secretLength = 43;
const checksumLength = 6;

const pattern = /^almanac_[0-9A-Za-z]{11}_[0-9A-Za-z]{49}$/;

export function formatApiKey(name: Uint8Array, secret: Uint8Array): ApiKeyText {
  const prefix = start + bytesToBase62(name, nameLength);
  const head = `${prefix}_${bytesToBase62(secret, secretLength)}`;
  return { key: head + checksumOf(head), prefix };
}

/** Whether we may have made it: the right shape and the right checksum. */
export function isApiKey(text: string): boolean {
  return pattern.test(text) &&
    checksumOf(text.slice(0, -checksumLength)) === text.slice(-checksumLength);
}

function checksumOf(head: string): string {
  return toBase62(BigInt(crc32(head)), checksumLength);
}
