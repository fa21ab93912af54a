const plainDecimal = /^-?\d+(\.\d+)?$/;

/**
 * The decimal number that a float was printed from, in plain digits without an exponent: 333.69 is "333.69". A value
 * that a single-precision float holds exactly came through one (73.79750061035156), and the shortest decimal that
 * names the same single is what stood at its source (73.7975): half the width has 6 to 9 digits, the rest is noise.
 * At most `decimalsMax` decimals, so that 0.1 + 0.2 is "0.3". Throws RangeError for what is not finite.
 */
export function printedDecimal(value: number, decimalsMax: number): string {
  if (!Number.isFinite(value) || Math.abs(value) >= 1e21) {
    throw new RangeError(`${value} has no plain decimal form`);
  }
  const text = cameFromSingle(value) ? shortestSingle(value) : String(value);
  const decimals = text.split(".")[1]?.length ?? 0;
  if (plainDecimal.test(text) && decimals <= decimalsMax) return text;
  return trimZeros(value.toFixed(decimalsMax));
}

/** Nine digits or fewer name a single already: 1234567.25 is meant as it stands, although a single holds it. */
function cameFromSingle(value: number): boolean {
  if (Number.isInteger(value) || Math.fround(value) !== value) return false;
  return String(value).replace(/e.*$|\D/g, "").replace(/^0+/, "").length > 9;
}

function shortestSingle(value: number): string {
  for (let digits = 6; digits < 9; digits++) {
    const text = String(Number(value.toPrecision(digits)));
    if (Math.fround(Number(text)) === value) return text;
  }
  return String(Number(value.toPrecision(9)));
}

function trimZeros(text: string): string {
  const trimmed = text.includes(".") ? text.replace(/\.?0*$/, "") : text;
  return trimmed === "-0" ? "0" : trimmed;
}

/** Moves the point of a plain decimal `places` to the left, exactly: ("12345.6", 2) is "123.456". */
export function shiftPointLeft(text: string, places: number): string {
  const sign = text.startsWith("-") ? "-" : "";
  const [whole = "", fraction = ""] = text.slice(sign.length).split(".");
  const digits = whole.padStart(places + 1, "0");
  const cut = digits.length - places;
  return sign + trimZeros(`${digits.slice(0, cut)}.${digits.slice(cut)}${fraction}`);
}
