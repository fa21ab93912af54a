import { onConstraint, type Sql } from "../../lib/database.ts";
import type { CreatedPlace } from "../../lib/page.ts";
import { type CompletePlan } from "./model/mod.ts";
import type { PlanInputs, SimulationProvenance, SimulationResult } from "./schema.ts";
import type { PlanProgram } from "../simulation/model/mod.ts";

export interface PlanRow {
  id: string;
  user_id: string;
  name: string;
  version: number;
  inputs: PlanInputs;
  created_at: Date;
  updated_at: Date;
}

/** False where the id is taken. */
export async function insertPlan(
  sql: Sql,
  plan: { id: string; userId: string; name: string; now: Date },
): Promise<boolean> {
  const rows = await sql`
    insert into plans (id, user_id, name, version, created_at, updated_at)
    values (${plan.id}, ${plan.userId}, ${plan.name}, 1, ${plan.now}, ${plan.now})
    on conflict (id) do nothing returning 1`;
  return rows.length === 1;
}

export async function insertPlanVersion(
  sql: Sql,
  version: {
    planId: string;
    number: number;
    userId: string;
    inputs: PlanInputs;
    now: Date;
    createdBy: string;
  },
): Promise<void> {
  await sql`
    insert into plan_versions (plan_id, number, user_id, inputs, created_at, created_by)
    values (${version.planId}, ${version.number}, ${version.userId}, ${
    sql.json(version.inputs as never)
  },
            ${version.now}, ${version.createdBy})`;
}

export async function selectPlan(
  sql: Sql,
  userId: string,
  id: string,
): Promise<PlanRow | undefined> {
  const [row] = await sql<PlanRow[]>`
    select plans.*, plan_versions.inputs from plans
    join plan_versions on plan_versions.plan_id = plans.id and plan_versions.number = plans.version
    where plans.id = ${id} and plans.user_id = ${userId}`;
  return row;
}

/**
 * Holds a plan until the transaction ends, so that changes at once follow each other. To be read by a statement of its
 * own afterwards: one that waits for the lock has a snapshot from before it, without the version that it waited for.
 */
export async function lockPlan(sql: Sql, userId: string, id: string): Promise<void> {
  await sql`select from plans where id = ${id} and user_id = ${userId} for update`;
}

/** Latest first by when we made them, since ids may be of a client's choice. */
export async function selectPlans(
  sql: Sql,
  userId: string,
  after: CreatedPlace | undefined,
  rowsMax: number,
): Promise<PlanRow[]> {
  return await sql<PlanRow[]>`
    select plans.*, plan_versions.inputs from plans
    join plan_versions on plan_versions.plan_id = plans.id and plan_versions.number = plans.version
    where plans.user_id = ${userId}
      and (${after === undefined} or (plans.created_at, plans.id) < (${after?.createdAt ?? null}, ${
    after?.id ?? null
  }::uuid))
    order by plans.created_at desc, plans.id desc limit ${rowsMax}`;
}

export interface PlanSummaryRow {
  id: string;
  name: string;
  version: number;
  updated_at: Date;
  simulation_id: string | null;
  plan_version: number | null;
  finished_at: Date | null;
  success_probability: number | null;
  success_interval: [number, number] | null;
  median_wealth: string | null;
}

/** Plans with the few figures of their latest successful simulation that fit on a line; whole results stay where they are. */
export async function selectPlanSummaries(
  sql: Sql,
  userId: string,
  rowsMax: number,
): Promise<PlanSummaryRow[]> {
  return await sql<PlanSummaryRow[]>`
    select plans.id, plans.name, plans.version, plans.updated_at, latest.*
    from plans left join lateral (
      select id as simulation_id, plan_version, finished_at,
             result -> 'successProbability' as success_probability, result -> 'successInterval' as success_interval,
             result -> 'years' -> -1 -> 'real' ->> 'p50' as median_wealth
      from simulations where plan_id = plans.id and status = 'succeeded' order by id desc limit 1) latest on true
    where plans.user_id = ${userId} order by plans.id desc limit ${rowsMax}`;
}

export async function setPlanVersion(
  sql: Sql,
  id: string,
  { name, version, now }: { name: string; version: number; now: Date },
): Promise<void> {
  await sql`update plans set name = ${name}, version = ${version}, updated_at = ${now} where id = ${id}`;
}

export async function deletePlan(sql: Sql, id: string): Promise<void> {
  await sql`delete from plans where id = ${id}`;
}

export interface PlanVersionRow {
  plan_id: string;
  number: number;
  inputs: PlanInputs;
  created_at: Date;
  created_by: string;
}

export async function selectPlanVersions(
  sql: Sql,
  planId: string,
  beforeNumber: number,
  rowsMax: number,
): Promise<PlanVersionRow[]> {
  return await sql<PlanVersionRow[]>`
    select plan_id, number, inputs, created_at, created_by from plan_versions
    where plan_id = ${planId} and number < ${beforeNumber} order by number desc limit ${rowsMax}`;
}

export async function selectPlanVersion(
  sql: Sql,
  userId: string,
  planId: string,
  number: number,
): Promise<PlanVersionRow | undefined> {
  const [row] = await sql<PlanVersionRow[]>`
    select plan_id, number, inputs, created_at, created_by from plan_versions
    where plan_id = ${planId} and number = ${number} and user_id = ${userId}`;
  return row;
}

export interface SimulationRow {
  id: string;
  plan_id: string;
  plan_version: number;
  user_id: string;
  status: "queued" | "running" | "succeeded" | "failed" | "cancelled";
  paths: number;
  seed: string;
  chunk_count: number;
  chunks_done: number;
  provenance: SimulationProvenance;
  result: SimulationResult | null;
  created_at: Date;
  finished_at: Date | null;
}

export interface NewSimulation {
  id: string;
  planId: string;
  planVersion: number;
  userId: string;
  paths: number;
  seed: number;
  chunkCount: number;
  plan: CompletePlan;
  program: PlanProgram;
  provenance: SimulationProvenance;
  now: Date;
}

export async function insertSimulation(
  sql: Sql,
  simulation: NewSimulation,
): Promise<SimulationRow> {
  const [row] = await sql<SimulationRow[]>`
    insert into simulations (id, plan_id, plan_version, user_id, status, paths, seed, chunk_count, plan, program,
                             provenance, created_at)
    values (${simulation.id}, ${simulation.planId}, ${simulation.planVersion}, ${simulation.userId}, 'queued',
            ${simulation.paths}, ${simulation.seed}, ${simulation.chunkCount},
            ${sql.json(simulation.plan as never)}, ${sql.json(simulation.program as never)},
            ${sql.json(simulation.provenance as never)}, ${simulation.now})
    returning ${simulationColumns(sql)}`
    // Taken away after it was read here.
    .catch(onConstraint({ simulations_plan_id_fkey: "not_found" }));
  return row!;
}

export interface NewChunk {
  number: number;
  firstPath: number;
  pathCount: number;
}

export async function insertChunks(
  sql: Sql,
  simulationId: string,
  chunks: NewChunk[],
): Promise<void> {
  await sql`
    insert into simulation_chunks (simulation_id, number, first_path, path_count)
    select ${simulationId}, * from unnest(${chunks.map(({ number }) => number)}::int[],
                                          ${chunks.map(({ firstPath }) => firstPath)}::int[],
                                          ${chunks.map(({ pathCount }) => pathCount)}::int[])`;
}

export async function selectSimulation(
  sql: Sql,
  userId: string,
  id: string,
): Promise<SimulationRow | undefined> {
  const [row] = await sql<SimulationRow[]>`
    select ${simulationColumns(sql)} from simulations where id = ${id} and user_id = ${userId}`;
  return row;
}

/** Latest first: we make their ids, and these are in order of time. */
export async function selectSimulations(
  sql: Sql,
  planId: string,
  beforeId: string | null,
  rowsMax: number,
): Promise<SimulationRow[]> {
  return await sql<SimulationRow[]>`
    select ${simulationColumns(sql)} from simulations
    where plan_id = ${planId} and (${beforeId}::uuid is null or id < ${beforeId})
    order by id desc limit ${rowsMax}`;
}

export async function selectSimulationIds(sql: Sql, planId: string): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    select id from simulations where plan_id = ${planId} order by id`;
  return rows.map(({ id }) => id);
}

/** Ends a simulation that has not ended, without a result; undefined where it has. */
export async function endSimulation(
  sql: Sql,
  id: string,
  status: "cancelled" | "failed",
  now: Date,
): Promise<SimulationRow | undefined> {
  const [row] = await sql<SimulationRow[]>`
    update simulations set status = ${status}, finished_at = ${now}
    where id = ${id} and status in ('queued', 'running')
    returning ${simulationColumns(sql)}`;
  return row;
}

export interface ClaimedChunk {
  first_path: number;
  path_count: number;
  fence: string;
  seed: string;
  program: PlanProgram;
}

/** Takes a chunk for `leaseMs`. Undefined where it is done, taken, or not wanted any more. */
export async function claimChunk(
  sql: Sql,
  simulationId: string,
  number: number,
  nowMs: number,
  leaseMs: number,
): Promise<ClaimedChunk | undefined> {
  const now = new Date(nowMs);
  const [row] = await sql<ClaimedChunk[]>`
    update simulation_chunks as chunk
    set fence = fence + 1, lease_until = ${new Date(nowMs + leaseMs)}
    from simulations
    where chunk.simulation_id = ${simulationId} and chunk.number = ${number} and chunk.done_at is null
      and (chunk.lease_until is null or chunk.lease_until < ${now})
      and simulations.id = chunk.simulation_id and simulations.status in ('queued', 'running')
    returning chunk.first_path, chunk.path_count, chunk.fence, simulations.seed, simulations.program`;
  return row;
}

/** True while the chunk is still to be done, whoever may be at it. */
export async function isChunkWanted(
  sql: Sql,
  simulationId: string,
  number: number,
): Promise<boolean> {
  const rows = await sql`
    select from simulation_chunks as chunk join simulations on simulations.id = chunk.simulation_id
    where chunk.simulation_id = ${simulationId} and chunk.number = ${number} and chunk.done_at is null
      and simulations.status in ('queued', 'running')`;
  return rows.length === 1;
}

/** Gives a chunk back at once, so that the next try need not wait for the lease to end. */
export async function releaseChunk(
  sql: Sql,
  simulationId: string,
  number: number,
  fence: string,
): Promise<void> {
  await sql`
    update simulation_chunks set lease_until = null
    where simulation_id = ${simulationId} and number = ${number} and fence = ${fence}`;
}

/**
 * The simulation's status, held until the transaction ends; undefined where it is gone. Whoever writes a simulation
 * and its chunks locks it first, so that two of them never wait for each other.
 */
export async function lockSimulation(
  sql: Sql,
  id: string,
): Promise<SimulationRow["status"] | undefined> {
  const [row] = await sql<{ status: SimulationRow["status"] }[]>`
    select status from simulations where id = ${id} for update`;
  return row?.status;
}

/** Keeps a chunk's partial result under its fence; false where somebody else has taken or done it meanwhile. */
export async function settleChunk(
  sql: Sql,
  chunk: { simulationId: string; number: number; fence: string; partial: Uint8Array; now: Date },
): Promise<boolean> {
  const rows = await sql`
    update simulation_chunks set partial = ${chunk.partial}, done_at = ${chunk.now}, lease_until = null
    where simulation_id = ${chunk.simulationId} and number = ${chunk.number} and fence = ${chunk.fence}
      and done_at is null
    returning 1`;
  return rows.length === 1;
}

/** Counts a done chunk; answers how many are done of how many. The row's lock lets one worker see the last one. */
export async function countChunkDone(
  sql: Sql,
  simulationId: string,
): Promise<{ chunks_done: number; chunk_count: number } | undefined> {
  const [row] = await sql<{ chunks_done: number; chunk_count: number }[]>`
    update simulations set chunks_done = chunks_done + 1, status = 'running'
    where id = ${simulationId} and status in ('queued', 'running')
    returning chunks_done, chunk_count`;
  return row;
}

export interface SimulationToFinish {
  user_id: string;
  plan_id: string;
  status: SimulationRow["status"];
  paths: number;
  chunk_count: number;
  plan: CompletePlan;
  program: PlanProgram;
  provenance: SimulationProvenance;
}

export async function selectSimulationToFinish(
  sql: Sql,
  id: string,
): Promise<SimulationToFinish | undefined> {
  const [row] = await sql<SimulationToFinish[]>`
    select user_id, plan_id, status, paths, chunk_count, plan, program, provenance
    from simulations where id = ${id}`;
  return row;
}

/** What the done chunks from `first` on hold, `count` at most. */
export async function selectPartials(
  sql: Sql,
  simulationId: string,
  first: number,
  count: number,
): Promise<Uint8Array[]> {
  const rows = await sql<{ partial: Uint8Array }[]>`
    select partial from simulation_chunks
    where simulation_id = ${simulationId} and number >= ${first} and number < ${first + count}
      and partial is not null
    order by number`;
  return rows.map(({ partial }) => partial);
}

export async function finishSimulation(
  sql: Sql,
  id: string,
  finished: { result: SimulationResult; provenance: SimulationProvenance; now: Date },
): Promise<void> {
  await sql`
    update simulations
    set status = 'succeeded', result = ${sql.json(finished.result as never)},
        provenance = ${sql.json(finished.provenance as never)}, finished_at = ${finished.now}
    where id = ${id}`;
}

/** For a simulation that has ended: what its chunks hold is in the result, or not wanted any more. */
export async function deleteChunks(sql: Sql, simulationId: string): Promise<void> {
  await sql`delete from simulation_chunks where simulation_id = ${simulationId}`;
}

function simulationColumns(sql: Sql) {
  return sql`id, plan_id, plan_version, user_id, status, paths, seed, chunk_count, chunks_done, provenance, result,
             created_at, finished_at`;
}
