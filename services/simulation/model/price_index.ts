/** The price level along one path: 1 at the start. */
import { exp } from "./elementary.ts";
import { normalQuantile } from "./normal.ts";
import type { InflationModel } from "./program.ts";
import { nextUniform, type RandomStream } from "./random_stream.ts";

export interface PriceIndex {
  readonly model: InflationModel;
  /** A month's growth without any deviation. */
  readonly steady: number;
  level: number;
  /** u of the model: how far the month's log inflation is from its mean. */
  deviation: number;
}

export function createPriceIndex(model: InflationModel): PriceIndex {
  return { model, steady: exp(model.mean), level: 1, deviation: 0 };
}

export function beginPrices(prices: PriceIndex): void {
  prices.level = 1;
  prices.deviation = 0;
}

/** Moves on by one month. */
export function stepPrices(prices: PriceIndex, stream: RandomStream): void {
  const { mean, volatility, persistence } = prices.model;
  if (volatility === 0) {
    prices.level *= prices.steady;
    return;
  }
  const shock = volatility * normalQuantile(nextUniform(stream));
  prices.deviation = persistence * prices.deviation + shock;
  prices.level *= exp(mean + prices.deviation);
}
