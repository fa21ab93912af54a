/**
 * exp and log from the four operations alone.
 *
 * `Math.exp` and `Math.log` differ between engines and processors, so a result that used them could
 * not be reproduced byte for byte. The reductions and polynomials are those of fdlibm (Sun
 * Microsystems, e_exp.c and e_log.c); the error is below one unit in the last place, 2.3e-16
 * relative, wherever the result is a normal number.
 */
import { exponentOf, powerOfTwo } from "./float_bits.ts";

// ln 2 in two parts: the upper has 32 trailing zero bits, so that k * ln2Upper is exact.
const ln2Upper = 6.93147180369123816490e-1;
const ln2Lower = 1.90821492927058770002e-10;
const inverseLn2 = 1.44269504088896338700;
const sqrtTwo = 1.4142135623730951;

/** e to the x. Overflows to Infinity above 709.78 and underflows to 0 below -745.13. */
export function exp(x: number): number {
  if (x > 709.782712893384) return Infinity;
  if (x < -745.1332191019412) return 0;
  // x = k ln 2 + r with |r| <= ln 2 / 2; r is kept as a difference to save its low bits.
  const k = Math.floor(x * inverseLn2 + 0.5);
  const upper = x - k * ln2Upper;
  const lower = k * ln2Lower;
  const r = upper - lower;
  const t = r * r;
  const c = r - t * (1.66666666666666019037e-1 +
        t * (-2.77777777770155933842e-3 +
            t * (6.61375632143793436117e-5 +
                t * (-1.65339022054652515390e-6 + t * 4.13813679705723846039e-8))));
  const fraction = 1 - ((lower - (r * c) / (2 - c)) - upper);
  // Two factors, since 2^k itself leaves the normal range before e^x does.
  const half = k >> 1;
  return fraction * powerOfTwo(half) * powerOfTwo(k - half);
}

/** The natural logarithm. -Infinity at 0, NaN below it. */
export function log(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : NaN;
  if (x === Infinity) return Infinity;
  if (x < 2.2250738585072014e-308) return log(x * 18014398509481984) - 54 * 0.6931471805599453;
  // x = 2^k (1 + f) with sqrt(1/2) < 1 + f < sqrt(2).
  let k = exponentOf(x);
  let significand = x * powerOfTwo(-k);
  if (significand > sqrtTwo) {
    significand *= 0.5;
    k += 1;
  }
  const f = significand - 1;
  const s = f / (2 + f);
  const z = s * s;
  const remainder = z * (6.666666666666735130e-1 +
    z * (3.999999999940941908e-1 +
        z * (2.857142874366239149e-1 +
            z * (2.222219843214978396e-1 +
                z * (1.818357216161805012e-1 +
                    z * (1.531383769920937332e-1 + z * 1.479819860511658591e-1))))));
  const halfSquare = 0.5 * f * f;
  return k * ln2Upper -
    ((halfSquare - (s * (halfSquare + remainder) + k * ln2Lower)) - f);
}
