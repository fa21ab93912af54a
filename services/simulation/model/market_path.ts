/** One path through the market: a regime and a growth factor per asset, month after month. */
import { choleskyFactor } from "../../../lib/linalg.ts";
import { exp } from "./elementary.ts";
import type { Innovations, MarketModel, Regime } from "./market_model.ts";
import { cumulative, pickState, stationaryDistribution } from "./markov.ts";
import { normalQuantile } from "./normal.ts";
import { nextUniform, type RandomStream } from "./random_stream.ts";
import { nextScale } from "./student_t.ts";

/**
 * A month's log return is held within this: a factor of 148 either way. It keeps every sum and
 * product of a path finite, and lies far outside of what an allowed model draws.
 */
const logReturnLimit = 5;

/** A market to walk through; one is made per chunk and used for all of its paths. */
export interface MarketPath {
  /** exp of the latest month's log return, by asset. */
  readonly growth: Float64Array;
  readonly normals: Float64Array;
  readonly regimes: readonly CompiledRegime[];
  readonly innovations: Innovations;
  /** Running sums of the first month's law and of each regime's row of the transition matrix. */
  readonly firstSums: Float64Array;
  readonly nextSums: readonly Float64Array[];
  /** The latest month's regime; -1 before the first month. */
  regime: number;
}

export function createMarketPath(model: MarketModel): MarketPath {
  return {
    growth: new Float64Array(model.assets.length),
    normals: new Float64Array(model.assets.length),
    regimes: model.regimes.map(compileRegime),
    innovations: model.innovations,
    firstSums: cumulative(firstLaw(model)),
    nextSums: model.transition.map(cumulative),
    regime: -1,
  };
}

export function beginMarket(market: MarketPath): void {
  market.regime = -1;
}

/** Draws one month into `growth` and `regime`. A model with one regime draws none. */
export function stepMarket(market: MarketPath, stream: RandomStream): void {
  const { regimes, innovations, normals, growth } = market;
  if (regimes.length === 1) market.regime = 0;
  else {
    const sums = market.regime < 0 ? market.firstSums : market.nextSums[market.regime]!;
    market.regime = pickState(sums, nextUniform(stream));
  }
  const scale = innovations.kind === "gaussian" ? 1 : nextScale(stream, innovations.dof);
  for (let asset = 0; asset < normals.length; asset++) {
    normals[asset] = normalQuantile(nextUniform(stream));
  }
  growAssets(regimes[market.regime]!, scale, normals, growth);
}

interface CompiledRegime {
  drift: Float64Array;
  /** Rows of diag(volatility) L, the lower triangle packed row by row. */
  loading: Float64Array;
}

/** growth = exp(drift + scale * loading * normals). */
function growAssets(
  { drift, loading }: CompiledRegime,
  scale: number,
  normals: Float64Array,
  growth: Float64Array,
): void {
  let cell = 0;
  for (let asset = 0; asset < growth.length; asset++) {
    let shock = 0;
    for (let factor = 0; factor <= asset; factor++) shock += loading[cell++]! * normals[factor]!;
    const logReturn = drift[asset]! + scale * shock;
    growth[asset] = exp(Math.max(-logReturnLimit, Math.min(logReturnLimit, logReturn)));
  }
}

function compileRegime(regime: Regime): CompiledRegime {
  const factor = choleskyFactor(regime.correlation);
  if (!factor) throw new RangeError(`the correlation of ${regime.name} is not semi-definite`);
  const loading = factor.flatMap((row, asset) =>
    row.slice(0, asset + 1).map((value) => value * (regime.volatility[asset] ?? 0))
  );
  return { drift: Float64Array.from(regime.drift), loading: Float64Array.from(loading) };
}

function firstLaw(model: MarketModel): number[] {
  if (model.start !== "stationary") {
    return model.regimes.map((regime) => regime.name === model.start ? 1 : 0);
  }
  const law = stationaryDistribution(model.transition);
  if (!law) throw new RangeError("the chain has more than one stationary distribution");
  return law;
}
