const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** A whole number in the digits 0-9, A-Z, a-z, with leading zeros up to `length`: a double click selects all of it. */
export function toBase62(value: bigint, length: number): string {
  let text = "";
  for (let rest = value; rest > 0n; rest /= 62n) text = digits[Number(rest % 62n)] + text;
  return text.padStart(length, "0");
}

/** Bytes, the first one the most significant, as one such number. */
export function bytesToBase62(bytes: Uint8Array, length: number): string {
  return toBase62(bytes.reduce((value, byte) => value << 8n | BigInt(byte), 0n), length);
}
