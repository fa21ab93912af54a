import * as z from "zod";
import { failSimulation, finishSimulation, runChunk } from "../services/plans/mod.ts";
import { defineJob } from "./job.ts";

const retries = 5;

export const runSimulationChunkJob = defineJob({
  kind: "long",
  name: "run_simulation_chunk",
  about: "Runs some paths of a simulation and keeps their counts and exact sums.",
  payload: z.object({ simulationId: z.uuid(), number: z.int().min(0) }),
  retries,
  timeLimitSeconds: 60,
  flowControl: { key: "run_simulation_chunk", parallelism: 4 },
  run: (ctx, chunk, _delivery, tell) => runChunk(ctx, chunk, tell),
  // A simulation that nobody goes on with says so, rather than run for ever.
  givenUp: (ctx, { simulationId }) => failSimulation(ctx, simulationId),
});

export const finishSimulationJob = defineJob({
  kind: "long",
  name: "finish_simulation",
  about: "Merges the chunks of a simulation into its result and tells the person.",
  payload: z.object({}),
  retries,
  // A million paths are a thousand chunks to read and merge, in turn with whatever else runs.
  timeLimitSeconds: 120,
  run: (ctx, _payload, { key }, tell) => finishSimulation(ctx, key, tell),
  givenUp: (ctx, _payload, key) => failSimulation(ctx, key),
});
