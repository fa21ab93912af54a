import { fail } from "../../lib/errors.ts";
import { authoriseSystem } from "../authorise.ts";
import { noteChange } from "../changes/mod.ts";
import { type InTransaction, inTransaction, type Needs } from "../ctx.ts";
import type { TellProgress } from "../jobs/mod.ts";
import { requestNotification } from "../notifications/mod.ts";
import { hashPartial } from "../simulation/mod.ts";
import {
  decodePartial,
  mergePartials,
  type PartialResult,
  pathsIn,
  summarise,
} from "../simulation/model/mod.ts";
import { resultOf } from "./model/mod.ts";
import type { SimulationResult } from "./schema.ts";
import {
  deleteChunks,
  finishSimulation as writeResult,
  lockSimulation,
  selectPartials,
  selectSimulationToFinish,
  type SimulationToFinish,
} from "./store.ts";
import { turn } from "./turn.ts";

type FinishNeeds = Needs<
  "actor" | "database" | "live" | "log" | "newId" | "now" | "queue" | "signal"
>;

// Between so many the isolate answers others.
const chunksAtOnce = 4;

/**
 * Merges the chunks of a simulation into its result, tells open sockets, and tells the person that it is ready.
 * Merging takes no transaction: only whoever then finds the simulation still running writes what came of it.
 */
export async function finishSimulation(
  ctx: FinishNeeds,
  id: string,
  tell: TellProgress = () => {},
): Promise<void> {
  authoriseSystem(ctx);
  const simulation = await inTransaction(ctx, ({ sql }) => selectSimulationToFinish(sql, id));
  if (simulation?.status !== "running") return;
  const merged = await mergeChunks(ctx, id, simulation.chunk_count, tell);
  const resultHash = merged && await hashPartial(merged);
  await inTransaction(ctx, async (tx) => {
    // Cancelled, deleted, or finished by another delivery while this one was merging.
    if (await lockSimulation(tx.sql, id) !== "running") return;
    if (!merged || pathsIn(merged) !== simulation.paths) {
      fail("internal", { cause: "chunks are missing" });
    }
    const result = resultOf(simulation.plan, simulation.program, summarise(merged));
    const provenance = { ...simulation.provenance, resultHash };
    await writeResult(tx.sql, id, { result, provenance, now: new Date(ctx.now()) });
    await deleteChunks(tx.sql, id);
    await announce(tx, id, simulation, result);
  });
}

async function mergeChunks(
  ctx: FinishNeeds,
  id: string,
  chunkCount: number,
  tell: TellProgress,
): Promise<PartialResult | undefined> {
  let merged: PartialResult | undefined;
  for (let first = 0; first < chunkCount; first += chunksAtOnce) {
    ctx.signal.throwIfAborted();
    const next = await inTransaction(
      ctx,
      ({ sql }) => selectPartials(sql, id, first, chunksAtOnce),
    );
    if (next.length === 0) return undefined;
    merged = mergePartials([...merged ? [merged] : [], ...next.map(decodePartial)]);
    tell(first + next.length, chunkCount);
    await turn();
  }
  return merged;
}

async function announce(
  ctx: FinishNeeds & InTransaction,
  id: string,
  { user_id, plan_id, plan }: SimulationToFinish,
  { successProbability }: SimulationResult,
): Promise<void> {
  const successPercent = Math.round(successProbability * 100);
  await requestNotification(ctx, {
    userId: user_id,
    type: "plan_ready",
    data: { planName: plan.name, planId: plan_id, successPercent },
    channels: ["in_app"],
    dedupeKey: id,
  });
  noteChange(ctx, { userId: user_id, kind: "simulation", id, operation: "changed" });
  ctx.afterCommit(() =>
    ctx.live.publish(`simulations:${id}`, { status: "succeeded", progress: 1 })
  );
}
