import { fromUnits, toUnits } from "../../../lib/money.ts";

const fractionDigits = 6;

/** The move from one price to another: exact as a decimal, and as a fraction to six digits. */
export function priceChange(
  from: string,
  to: string,
): { change: string; changePercent: number } {
  const scale = Math.max(decimalsOf(from), decimalsOf(to));
  const change = fromUnits(toUnits(to, scale) - toUnits(from, scale), scale);
  const fraction = Number(change) / Number(from);
  return { change, changePercent: Number(fraction.toFixed(fractionDigits)) };
}

/** The same number with two decimals at least, as people write prices: "189.5" is "189.50". */
export function withCents(price: string): string {
  const decimals = decimalsOf(price);
  if (decimals >= 2) return price;
  return decimals === 0 ? `${price}.00` : `${price}0`;
}

function decimalsOf(price: string): number {
  return price.split(".")[1]?.length ?? 0;
}
