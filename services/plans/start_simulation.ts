import { fail } from "../../lib/errors.ts";
import { fieldErrorsOf } from "../../lib/field_errors.ts";
import { toDay } from "../../lib/time.ts";
import { recordChange } from "../audit/mod.ts";
import { authorise } from "../authorise.ts";
import { noteChange } from "../changes/mod.ts";
import { inTransaction, type Needs } from "../ctx.ts";
import { enqueueJobs } from "../jobs/mod.ts";
import { engineVersion } from "../simulation/model/mod.ts";
import {
  type CapitalMarketAssumptions,
  compilePlan,
  type CompletePlan,
  completePlan,
  findAssumptions,
  flatTaxModel,
  unsupportedInputs,
} from "./model/mod.ts";
import { chunksOf } from "./model/chunks.ts";
import {
  type PlanInputs,
  planInputs,
  type Simulation,
  type StartSimulationInput,
} from "./schema.ts";
import { insertChunks, insertSimulation, selectPlan } from "./store.ts";
import { toSimulation } from "./view.ts";

type StartNeeds = Needs<
  "actor" | "database" | "log" | "newId" | "now" | "origin" | "queue" | "random" | "requestId"
>;

const usualPaths = 10_000;

/**
 * Splits a simulation of the plan's present version into jobs of a thousand paths. What it is compiled to is kept, so
 * that every chunk runs the same program. `plan_not_simulatable` names each input that would have to be ignored.
 */
export async function startSimulation(
  ctx: StartNeeds,
  planId: string,
  input: StartSimulationInput,
): Promise<Simulation> {
  const { userId } = authorise(ctx, "simulations:run");
  return await inTransaction(ctx, async (tx) => {
    const row = await selectPlan(tx.sql, userId, planId) ?? fail("not_found");
    const plan = simulatable(row.inputs, toDay(ctx.now()));
    const assumptions = assumptionsOf(plan);
    const seed = input.seed ?? plan.assumptions.seed ?? drawSeed(ctx);
    const paths = input.paths ?? plan.assumptions.paths ?? usualPaths;
    const chunks = chunksOf(paths);
    const simulation = await insertSimulation(tx.sql, {
      id: ctx.newId(),
      planId: row.id,
      planVersion: row.version,
      userId,
      paths,
      seed,
      chunkCount: chunks.length,
      plan,
      program: compilePlan(plan, assumptions),
      provenance: {
        planVersion: row.version,
        assumptionSet: assumptions.name,
        assumptionVersion: assumptions.version,
        engineVersion,
        taxModel: flatTaxModel.name,
        seed,
        paths,
      },
      now: new Date(ctx.now()),
    });
    await insertChunks(tx.sql, simulation.id, chunks);
    await enqueueJobs(
      tx,
      chunks.map(({ number }) => ({
        job: "run_simulation_chunk",
        key: `${simulation.id}_${number}`,
        payload: { simulationId: simulation.id, number },
      })),
    );
    await recordChange(tx, {
      action: "simulation.started",
      subjectId: userId,
      entityId: simulation.id,
    });
    noteChange(tx, { userId, kind: "simulation", id: simulation.id, operation: "changed" });
    return toSimulation(simulation);
  });
}

/** The plan with everything filled in, checked once more: with a start date there is more to check. */
function simulatable(inputs: PlanInputs, today: string): CompletePlan {
  const plan = completePlan(inputs, today);
  const whole = planInputs.safeParse(plan);
  const errors = [
    ...fieldErrorsOf(whole.error?.issues ?? []),
    ...unsupportedInputs(plan),
  ];
  return errors.length === 0 ? plan : fail("plan_not_simulatable", { errors });
}

function assumptionsOf({ assumptions }: CompletePlan): CapitalMarketAssumptions {
  const { set, version } = assumptions;
  return findAssumptions(set, version) ?? fail("plan_not_simulatable", {
    errors: [{
      path: "assumptions.set",
      message: `there is no version ${version} of a set ${set}`,
    }],
  });
}

/** A seed of 48 random bits, so that it stays exact in JSON. */
function drawSeed(ctx: Needs<"random">): number {
  return ctx.random(6).reduce((seed, byte) => seed * 256 + byte, 0);
}
