import { toInstant } from "../../lib/time.ts";
import type { Plan, PlanVersion } from "./documents.ts";
import type { Simulation } from "./schema.ts";
import type { PlanRow, PlanVersionRow, SimulationRow } from "./store.ts";

export function toPlan(row: PlanRow): Plan {
  return {
    id: row.id,
    version: row.version,
    createdAt: toInstant(row.created_at),
    updatedAt: toInstant(row.updated_at),
    ...row.inputs,
  };
}

export function toPlanVersion(row: PlanVersionRow): PlanVersion {
  return {
    planId: row.plan_id,
    number: row.number,
    createdAt: toInstant(row.created_at),
    createdBy: row.created_by,
    inputs: row.inputs,
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
