import { fail } from "../../lib/errors.ts";
import { authoriseSystem } from "../authorise.ts";
import { inTransaction, type Needs } from "../ctx.ts";
import { enqueueJob, type TellProgress } from "../jobs/mod.ts";
import {
  encodePartial,
  mergePartials,
  type PartialResult,
  runChunk as runPaths,
} from "../simulation/model/mod.ts";
import {
  claimChunk,
  type ClaimedChunk,
  countChunkDone,
  isChunkWanted,
  lockSimulation,
  releaseChunk,
  settleChunk,
} from "./store.ts";
import { turn } from "./turn.ts";

type RunNeeds = Needs<"actor" | "database" | "live" | "log" | "newId" | "now" | "queue" | "signal">;

interface Chunk {
  simulationId: string;
  number: number;
}

/** As long as the job's time limit: whoever holds a chunk for longer is dead. */
const chunkLeaseMs = 60_000;
// Between slices the isolate answers others. Larger ones are quicker and keep it busy for longer at a time. Merging is
// exact: slices change no byte of the result.
const slicePaths = 50;

/**
 * Runs one chunk of a simulation and keeps its partial result. Delivered twice, or after the simulation has ended or
 * was deleted, it does nothing; `busy` while somebody else is at it, since they may die. Whoever settles the last
 * chunk asks for the merge.
 */
export async function runChunk(
  ctx: RunNeeds,
  chunk: Chunk,
  tell: TellProgress = () => {},
): Promise<void> {
  authoriseSystem(ctx);
  const claimed = await claim(ctx, chunk);
  if (!claimed) return;
  try {
    const partial = encodePartial(await run(ctx, claimed, tell));
    await settle(ctx, chunk, claimed.fence, partial);
  } catch (error) {
    const { simulationId, number } = chunk;
    await inTransaction(ctx, ({ sql }) => releaseChunk(sql, simulationId, number, claimed.fence))
      .catch((second) => ctx.log.warn("chunk not released", { error: second }));
    throw error;
  }
}

async function claim(
  ctx: RunNeeds,
  { simulationId, number }: Chunk,
): Promise<ClaimedChunk | undefined> {
  return await inTransaction(ctx, async ({ sql }) => {
    const claimed = await claimChunk(sql, simulationId, number, ctx.now(), chunkLeaseMs);
    if (claimed || !await isChunkWanted(sql, simulationId, number)) return claimed;
    return fail("busy", { retryAfterSeconds: chunkLeaseMs / 1_000 });
  });
}

async function run(
  ctx: RunNeeds,
  { program, seed, first_path, path_count }: ClaimedChunk,
  tell: TellProgress,
): Promise<PartialResult> {
  let merged: PartialResult | undefined;
  for (let done = 0; done < path_count; done += slicePaths) {
    ctx.signal.throwIfAborted();
    const pathCount = Math.min(slicePaths, path_count - done);
    const slice = runPaths(program, {
      seed: Number(seed),
      firstPath: first_path + done,
      pathCount,
    });
    merged = mergePartials(merged ? [merged, slice] : [slice]);
    tell(done + pathCount, path_count);
    await turn();
  }
  return merged ?? fail("internal", { cause: "a chunk without paths" });
}

/** The progress is told after the commit; frames of several workers may overtake each other, rows never do. */
async function settle(
  ctx: RunNeeds,
  { simulationId, number }: Chunk,
  fence: string,
  partial: Uint8Array,
): Promise<void> {
  await inTransaction(ctx, async (tx) => {
    await lockSimulation(tx.sql, simulationId);
    const now = new Date(ctx.now());
    const ours = await settleChunk(tx.sql, { simulationId, number, fence, partial, now });
    const count = ours ? await countChunkDone(tx.sql, simulationId) : undefined;
    if (!count) return;
    const { chunks_done: done, chunk_count: all } = count;
    tx.afterCommit(() =>
      ctx.live.publish(`simulations:${simulationId}`, { status: "running", progress: done / all })
    );
    if (done === all) await enqueueJob(tx, { job: "finish_simulation", key: simulationId });
  });
}
