/** Decimal numbers as strings, exact: `"1234.56"`. Binary floats stay out of prices and money. */

const pattern = /^(-?)(\d+)(?:\.(\d+))?$/;

/** A decimal as a whole number of its smallest part: `12.30` at scale 2 is 1230. Throws a RangeError for anything else. */
export function toUnits(decimal: string, scale: number): bigint {
  const match = pattern.exec(decimal);
  if (!match) throw new RangeError(`not a decimal number: ${decimal}`);
  const [, sign, whole = "0", fraction = ""] = match;
  if (fraction.length > scale && /[1-9]/.test(fraction.slice(scale))) {
    throw new RangeError(`more than ${scale} decimals: ${decimal}`);
  }
  const units = BigInt(whole + fraction.slice(0, scale).padEnd(scale, "0"));
  return sign ? -units : units;
}

/** The decimal of so many smallest parts: 1230 at scale 2 is `12.30`. */
export function fromUnits(units: bigint, scale: number): string {
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, "0");
  const at = digits.length - scale;
  const text = scale === 0 ? digits : `${digits.slice(0, at)}.${digits.slice(at)}`;
  return units < 0n ? `-${text}` : text;
}

/** Below, at or above zero as `a` is less than, equal to or more than `b`, whatever their scales. */
export function compareDecimals(a: string, b: string): number {
  const scale = Math.max(decimalsOf(a), decimalsOf(b));
  const difference = toUnits(a, scale) - toUnits(b, scale);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

function decimalsOf(decimal: string): number {
  return decimal.split(".")[1]?.length ?? 0;
}
