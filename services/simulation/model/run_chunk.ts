/** The engine: some paths of a program in, what they came to out. */
import { fingerprint } from "./fingerprint.ts";
import { limits } from "./market_model.ts";
import { addOutcome, emptyPartial, type PartialResult } from "./partial.ts";
import { createPathRunner, runPath } from "./path_runner.ts";
import type { PlanProgram } from "./program.ts";

/** Names the arithmetic. It changes whenever the same program and seed give other bytes. */
export const engineVersion = "scalar-1";

export interface Chunk {
  /** 0 to 2^53 - 1. */
  seed: number;
  firstPath: number;
  pathCount: number;
}

/** A path as it happened, for showing behind the percentiles. */
export interface SamplePath {
  path: number;
  nominal: number[];
  real: number[];
}

/**
 * Runs paths `firstPath` to `firstPath + pathCount - 1`. Path k depends on (program, seed, k)
 * alone; memory does not depend on `pathCount`. Throws a RangeError for an impossible chunk.
 */
export function runChunk(program: PlanProgram, chunk: Chunk): PartialResult {
  const { seed, firstPath, pathCount } = chunk;
  checkWhole("seed", seed, 0, Number.MAX_SAFE_INTEGER);
  checkWhole("firstPath", firstPath, 0, limits.paths - 1);
  checkWhole("pathCount", pathCount, 1, limits.paths - firstPath);
  const partial = emptyPartial(fingerprint(program), seed, {
    rows: program.rowEnds.length,
    goals: program.goals.length,
    regimes: program.market.regimes.length,
  });
  const runner = createPathRunner(program);
  for (let path = firstPath; path < firstPath + pathCount; path++) {
    addOutcome(partial, runPath(runner, seed, path));
  }
  partial.ranges = [{ first: firstPath, count: pathCount }];
  return partial;
}

/** The named paths themselves, row by row. */
export function samplePaths(
  program: PlanProgram,
  seed: number,
  paths: readonly number[],
): SamplePath[] {
  const runner = createPathRunner(program);
  return paths.map((path) => {
    const { nominal, real } = runPath(runner, seed, path);
    return { path, nominal: [...nominal], real: [...real] };
  });
}

function checkWhole(name: string, value: number, least: number, most: number): void {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return;
  throw new RangeError(`${name} must be a whole number from ${least} to ${most}`);
}
