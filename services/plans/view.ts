import { toInstant } from "../../lib/time.ts";
import { showInputs } from "./model/mod.ts";
import type { Plan, PlanSummary, PlanVersion } from "./documents.ts";
import type { Simulation } from "./schema.ts";
import type { PlanRow, PlanSummaryRow, PlanVersionRow, SimulationRow } from "./store.ts";

/** A plan as every answer shows it, to the byte: they all go by the one entity tag of its version. */
export function toPlan(row: PlanRow): Plan {
  return {
    id: row.id,
    version: row.version,
    createdAt: toInstant(row.created_at),
    updatedAt: toInstant(row.updated_at),
    ...showInputs(row.inputs),
  };
}

export function toPlanSummary(row: PlanSummaryRow): PlanSummary {
  return {
    id: row.id,
    name: row.name,
    version: row.version,
    updatedAt: toInstant(row.updated_at),
    latestResult: toLatestResult(row),
  };
}

function toLatestResult(row: PlanSummaryRow): PlanSummary["latestResult"] {
  const { simulation_id, plan_version, finished_at, success_probability, success_interval } = row;
  if (simulation_id === null || plan_version === null || finished_at === null) return null;
  if (success_probability === null || success_interval === null) return null;
  return {
    simulationId: simulation_id,
    planVersion: plan_version,
    finishedAt: toInstant(finished_at),
    successProbability: success_probability,
    successInterval: success_interval,
    medianWealth: row.median_wealth,
  };
}

export function toPlanVersion(row: PlanVersionRow): PlanVersion {
  return {
    planId: row.plan_id,
    number: row.number,
    createdAt: toInstant(row.created_at),
    createdBy: row.created_by,
    inputs: showInputs(row.inputs),
  };
}

export function toSimulation(row: SimulationRow): Simulation {
  return {
    id: row.id,
    planId: row.plan_id,
    planVersion: row.plan_version,
    status: row.status,
    progress: row.status === "succeeded" ? 1 : row.chunks_done / row.chunk_count,
    ...(row.result ? { result: row.result } : {}),
    provenance: row.provenance,
  };
}
