/** The bits of a double as two words, whatever the machine's byte order. */
const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);
double[0] = 1;
/** Index of the word with sign, exponent and the upper 20 bits of the significand. */
const upper = words[1] === 0x3ff00000 ? 1 : 0;
const lower = 1 - upper;

const leastPower = -1074;
/** Doubling is exact, also among the subnormal numbers. */
const powers = new Float64Array(1024 - leastPower);
for (let index = 0, power = 5e-324; index < powers.length; index++, power *= 2) {
  powers[index] = power;
}

/** Two to the power k, exactly, for -1074 <= k <= 1023. A table: writing bits takes twice as long. */
export function powerOfTwo(k: number): number {
  return powers[k - leastPower]!;
}

/** k of x = 2^k m with 1 <= m < 2, for a positive normal x. */
export function exponentOf(x: number): number {
  double[0] = x;
  return (words[upper]! >>> 20) - 1023;
}

/** Exponent and the first ten bits of the significand of x >= 0, as one integer that grows with x. */
export function binOf(x: number): number {
  double[0] = x;
  return words[upper]! >>> 10;
}

/** The smallest x >= 0 with the given `binOf`. */
export function lowerEdgeOf(bin: number): number {
  words[upper] = bin << 10;
  words[lower] = 0;
  return double[0]!;
}
