/** The simulation engine: pure, synchronous, the same bytes on every machine. */
export { marketIssues, weightIssues } from "./check_market.ts";
export { compileModel, type ExplicitModel, modelIssues } from "./compile_model.ts";
export { decodePartial, encodePartial } from "./encode_partial.ts";
export { exp, log } from "./elementary.ts";
export {
  type FieldIssue,
  type Innovations,
  limits,
  type MarketModel,
  type Regime,
} from "./market_model.ts";
export { mergePartials } from "./merge_partials.ts";
export { type PartialResult, type PathRange, pathsIn } from "./partial.ts";
export {
  type Flow,
  type InflationModel,
  noFlow,
  type PlanProgram,
  type ProgramAccount,
  type ProgramGoal,
  type Rebalancing,
} from "./program.ts";
export { type Chunk, engineVersion, runChunk, type SamplePath, samplePaths } from "./run_chunk.ts";
export { type TailLosses } from "./risk.ts";
export { type Percentiles, summarise, type Summary, terminalQuantile } from "./summarise.ts";
