/** Estimates from counts and power sums. */

export interface Moments {
  mean: number;
  sd: number;
  /** Third standardised moment; 0 for a symmetric law. */
  skewness: number;
  /** Fourth standardised moment less 3; 0 for a normal law. */
  excessKurtosis: number;
}

// Two-sided 95 %: the 0.975 quantile of the standard normal.
const z95 = 1.959963984540054;

/** Standard error of a proportion of `count` in `total` independent trials. */
export function proportionError(count: number, total: number): number {
  const share = count / total;
  return Math.sqrt(share * (1 - share) / total);
}

/**
 * Wilson's score interval for a proportion at 95 %: never leaves [0, 1] and has width at 0 and 1
 * (Wilson 1927; Brown, Cai and DasGupta 2001 recommend it over the Wald interval).
 */
export function wilsonInterval(count: number, total: number, z: number = z95): [number, number] {
  const share = count / total;
  const weight = z * z / total;
  const centre = (share + weight / 2) / (1 + weight);
  const half = z * Math.sqrt((share * (1 - share) + weight / 4) / total) / (1 + weight);
  return [Math.max(0, centre - half), Math.min(1, centre + half)];
}

/**
 * Population moments from the sums of x, x^2, x^3 and x^4 over `count` values, given as means about
 * a fixed origin. A spread of zero has no skewness: 0 is returned.
 */
export function momentsOf(means: readonly [number, number, number, number]): Moments {
  const [m1, m2, m3, m4] = means;
  const variance = m2 - m1 * m1;
  // Below this the difference above is rounding error alone.
  if (variance <= 1e-13 * Math.max(m2, 1e-300)) {
    return { mean: m1, sd: 0, skewness: 0, excessKurtosis: 0 };
  }
  const third = m3 - 3 * m1 * m2 + 2 * m1 * m1 * m1;
  const fourth = m4 - 4 * m1 * m3 + 6 * m1 * m1 * m2 - 3 * m1 * m1 * m1 * m1;
  return {
    mean: m1,
    sd: Math.sqrt(variance),
    skewness: third / (variance * Math.sqrt(variance)),
    excessKurtosis: fourth / (variance * variance) - 3,
  };
}
