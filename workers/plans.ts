import * as z from "zod";
import type { Ctx } from "../services/ctx.ts";
import type { Delivery } from "../services/jobs/mod.ts";
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
  run: (ctx, chunk, delivery) =>
    orFail(ctx, chunk.simulationId, delivery, () => runChunk(ctx, chunk)),
});

export const finishSimulationJob = defineJob({
  kind: "long",
  name: "finish_simulation",
  about: "Merges the chunks of a simulation into its result and tells the person.",
  payload: z.object({}),
  retries,
  // A million paths are a thousand chunks to read and merge, in turn with whatever else runs.
  timeLimitSeconds: 120,
  run: (ctx, _payload, delivery) =>
    orFail(ctx, delivery.key, delivery, () => finishSimulation(ctx, delivery.key)),
});

/** A simulation whose last try has failed says so, rather than run for ever. */
async function orFail(
  ctx: Ctx,
  simulationId: string,
  delivery: Delivery,
  work: () => Promise<void>,
) {
  try {
    await work();
  } catch (error) {
    if (delivery.retried >= retries) await failSimulation(ctx, simulationId);
    throw error;
  }
}
