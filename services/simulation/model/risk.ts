/** Value at risk and expected shortfall of the one-year return, as losses: 0.2 is a fall of 20 %. */
import type { Moments } from "../../../lib/stats.ts";
import { type FilledBin, lowerTailMean, quantile } from "./histogram.ts";
import { normalDensity, normalQuantile } from "./normal.ts";

/** A loss may be negative: then even the tail is a gain. */
export interface TailLosses {
  var95: number;
  cvar95: number;
  var99: number;
  cvar99: number;
}

/** From the simulated growth factors themselves. */
export function historicalLosses(growth: readonly FilledBin[]): TailLosses {
  return tailLosses((tail) => [
    1 - (quantile(growth, tail) ?? 1),
    1 - (lowerTailMean(growth, tail) ?? 1),
  ]);
}

/** As if the return were normal with its mean and standard deviation. */
export function parametricLosses({ mean, sd }: Moments): TailLosses {
  return cornishFisherLosses({ mean, sd, skewness: 0, excessKurtosis: 0 });
}

/**
 * Cornish and Fisher's expansion of the quantile in skewness S and excess kurtosis K:
 * w(z) = z + (z^2 - 1) S / 6 + (z^3 - 3z) K / 24 - (2z^3 - 5z) S^2 / 36.
 * The expected shortfall is the mean of w over the tail, which integrates in closed form
 * (Maillard 2012, "A user's guide to the Cornish Fisher expansion").
 */
export function cornishFisherLosses(moments: Moments): TailLosses {
  const { mean, sd, skewness, excessKurtosis } = moments;
  return tailLosses((tail) => {
    const z = normalQuantile(tail);
    const point = z + (z * z - 1) * skewness / 6 + (z * z * z - 3 * z) * excessKurtosis / 24 -
      (2 * z * z * z - 5 * z) * skewness * skewness / 36;
    const tailMean = -normalDensity(z) / tail *
      (1 + z * skewness / 6 + (z * z - 1) * excessKurtosis / 24 -
        (2 * z * z - 1) * skewness * skewness / 36);
    return [-(mean + sd * point), -(mean + sd * tailMean)];
  });
}

function tailLosses(at: (tail: number) => [number, number]): TailLosses {
  const [var95, cvar95] = at(0.05);
  const [var99, cvar99] = at(0.01);
  return { var95, cvar95, var99, cvar99 };
}
