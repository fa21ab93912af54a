import { patienceMs } from "../../../services/jobs/model/patience.ts";
import { asSystem } from "../../../services/ctx.ts";
import { replayDeadLetter } from "../../../services/jobs/mod.ts";
import { lostAtMs } from "../stores/outbox.ts";
import { nameOf } from "../stores/state.ts";
import { checkEnd, type Watch, watchCommits } from "../invariants/mod.ts";
import { type FaultKind, faultKinds } from "./faults.ts";
import { clockJobs, policyOf } from "./jobs.ts";
import { beginLoad, replay, stopClockJob } from "./load.ts";
import { drain } from "./loop.ts";
import { Process } from "./process.ts";
import { SimulatedQueue } from "./queue.ts";
import { SimulatedVendor } from "./vendor.ts";
import { enterWorld, type Violation, World } from "./world.ts";

export interface RunResult {
  seed: number;
  hash: number;
  eventCount: number;
  injected: Partial<Record<FaultKind, number>>;
  violations: Violation[];
  lines: string[];
}

const minuteMs = 60_000;
/** After so long, or so much, something goes on for ever. */
const virtualMaxMs = 40 * 86_400_000;
const stepsMax = 6_000;
/** When things stop going wrong: mostly soon, since most of what can happen then has. */
const calmAfterMs = [240_000, 240_000, 600_000, 2_400_000];
const claimable = new Set(["queued", "held", "scheduled", "sending"]);

/** One run from its seed to the point where nothing is left to be done, and what was wrong with it. Call it from a task. */
export function simulate(seed: number, traced = false): RunResult {
  const world = new World(seed, traced);
  enterWorld(world);
  const queue = new SimulatedQueue(world);
  const vendor = new SimulatedVendor(world);
  const watch = watchCommits(world, vendor);
  if (world.random.chance(0.3)) replayAtOnce(world);
  const network = {
    queueFor: (process: Process) => queue.seenBy(process),
    vendorsFor: (process: Process) => vendor.seenBy(process),
  };
  startProcesses(world, network);
  if (world.random.chance(0.4)) world.clockJob = world.random.pick(clockJobs);
  const activeMs = beginLoad(world);
  world.after(activeMs, () => stopClockJob(world));
  const calmMs = world.random.chance(0.02) ? 7_200_000 : world.random.pick(calmAfterMs);
  world.after(calmMs, () => {
    world.note(() => "from now on nothing goes wrong");
    world.calm();
    stopClockJob(world);
  });
  startTicks(world, queue, world.nowMs + activeMs);
  runOut(world);
  settleLetters(world, queue);
  finish(world, watch);
  const { hash, eventCount, injected, violations, lines } = world;
  return { seed, hash: hash >>> 0, eventCount, injected, violations, lines };
}

/** Staff who look at each letter as soon as it is there. */
function replayAtOnce(world: World): void {
  const look = world.onCommit;
  world.onCommit = (changes, process) => {
    look(changes, process);
    const isLetter = changes.some(({ table, before }) => table === "dead_letters" && !before);
    if (isLetter && world.random.chance(0.3)) {
      world.after(world.random.between(1_000, 60_000), () => replay(world));
    }
  };
}

function startProcesses(world: World, network: ConstructorParameters<typeof Process>[2]): void {
  const { processCount } = world.shape;
  let count = 0;
  const start = () => new Process(world, `process ${++count}`, network);
  for (let place = 0; place < processCount; place++) world.processes.push(start());
  world.onKill = (killed) => {
    world.after(world.random.between(100, 30_000), () => {
      world.processes[world.processes.indexOf(killed)] = start();
    });
  };
}

/**
 * A tick each minute. One that would find nothing to do is left out, as though it had been missed: nothing can fall due
 * before the next thing happens or the first moment that a row names.
 */
function startTicks(world: World, queue: SimulatedQueue, activeUntilMs: number): void {
  const tick = () => {
    if (world.nowMs < activeUntilMs || dueMs(world) <= world.nowMs) {
      if (!world.hits("tickMissed")) queue.tick();
      if (world.hits("tickTwice")) world.after(world.random.between(0, 90_000), () => queue.tick());
    }
    const nextMs = Math.min(dueMs(world), world.loop.next()?.atMs ?? Infinity);
    if (nextMs === Infinity) return;
    const minute = Math.floor(Math.max(nextMs - 1, world.nowMs) / minuteMs) + 1;
    world.after(minute * minuteMs - world.nowMs, tick);
  };
  world.after(world.random.between(0, 5_000), tick);
}

/** When the next row falls due by what it says itself; infinity where none ever does. */
function dueMs(world: World): number {
  const { state, shape: { skewMaxMs } } = world;
  let earliest = Infinity;
  for (const row of state.outbox.rows()) {
    if (row.ended_at !== null) continue;
    const run = state.runs.slots.get(nameOf(row))?.committed;
    const due = row.published_at === null
      ? row.next_attempt_at
      : (lostAtMs(row, run, patienceOf(row.job)) ?? Infinity) + 1;
    if (due < earliest) earliest = due;
  }
  for (const row of state.runs.rows()) {
    if (row.state !== "running" || row.lease_until === null) continue;
    const [earlyMs = 0] = patienceOf(row.job);
    earliest = Math.min(earliest, row.lease_until + earlyMs + 1);
  }
  for (const row of state.notifications.rows()) {
    if (!claimable.has(row.status)) continue;
    const leaseMs = row.lease_until === null ? 0 : row.lease_until + 1;
    earliest = Math.min(earliest, Math.max(row.next_attempt_at, leaseMs));
  }
  for (const { applied_at } of state.receipts.rows()) if (applied_at === null) earliest = 0;
  return earliest + skewMaxMs;
}

/** The tick is not of the outbox, and its runs have no lease. */
function patienceOf(job: string): number[] {
  const policy = policyOf(job);
  return policy ? patienceMs(policy) : [0];
}

/** Lets the world go on until nothing happens any more. */
function runOut(world: World): void {
  const untilMs = world.nowMs + virtualMaxMs;
  drain();
  for (let steps = 0; world.loop.next() !== undefined; steps++) {
    if (steps > stepsMax || world.nowMs > untilMs) {
      return world.violate("every job ends", `work goes on after ${steps} steps`);
    }
    world.loop.step();
    if (world.violations.length > 0) return;
  }
}

/** Staff replay what was given up and could be done: from here on nothing fails but what can never succeed. */
function settleLetters(world: World, queue: SimulatedQueue): void {
  for (let round = 0; round < 3 && world.violations.length === 0; round++) {
    const letters = [...world.state.letters.rows()].filter(({ state, payload }) =>
      state === "waiting" && payload.kind !== "poison"
    );
    const process = world.anyProcess();
    if (letters.length === 0 || process === undefined) return;
    world.note(() => `staff replay all ${letters.length} letters that can be done`);
    const system = asSystem(process.ctx, "staff");
    for (const { id } of letters) {
      process.serve<unknown>(() => replayDeadLetter(system, id), () => {});
    }
    drain();
    startTicks(world, queue, world.nowMs);
    runOut(world);
  }
}

function finish(world: World, watch: Watch): void {
  if (world.violations.length > 0) return;
  checkEnd(world, watch);
}

/** All kinds, for whoever adds up what was injected. */
export const kinds = faultKinds;
