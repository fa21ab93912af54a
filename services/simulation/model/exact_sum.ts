/**
 * Sums that do not depend on the order of their terms: each term is rounded to a multiple of 2^-40
 * (9.1e-13), and the multiples are added as whole numbers of any size.
 */
const scale = 1099511627776;

/** `value` as a whole number of 2^-40; it must be finite. */
export function toFixedPoint(value: number): bigint {
  return BigInt(Math.round(value * scale));
}

/** The mean of `count` terms whose fixed-point sum is `sum`. */
export function meanOf(sum: bigint, count: number): number {
  // Whole and fractional part apart, so that a large sum keeps the low digits of its mean.
  const divisor = BigInt(count) * BigInt(scale);
  return Number(sum / divisor) + Number(sum % divisor) / Number(divisor);
}
