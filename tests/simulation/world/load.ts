import { asSystem, inTransaction } from "../../../services/ctx.ts";
import { enqueueJob, enqueueJobs, setSchedulePaused } from "../../../services/jobs/mod.ts";
import { replayDeadLetter } from "../../../services/jobs/replay_dead_letter.ts";
import { replayDeadLetters } from "../../../services/jobs/replay_dead_letters.ts";
import type { Ctx, InTransaction } from "../../../services/ctx.ts";
import { requestNotification } from "../../../services/notifications/request_notification.ts";
import { stateOf } from "../stores/state.ts";
import { transactionOf } from "../stores/tables.ts";
import type { World } from "./world.ts";

export const requestKinds = [
  "plain",
  "chain",
  "later",
  "many",
  "versions",
  "owed",
  "owed",
  "rows",
  "rows",
  "mail",
  "mail",
  "mail",
  "mail and work",
  "mail later",
] as const;
export type RequestKind = typeof requestKinds[number] | "poison";

const clientTries = 5;
const activeMs = 240_000;
const people = 3;

/** What people and staff do in a run: some ten requests within a few minutes, and letters that are replayed. */
export function beginLoad(world: World): number {
  const { random } = world;
  const count = random.between(6, 12);
  for (let number = 0; number < count; number++) {
    const kind: RequestKind = random.chance(0.05) ? "poison" : random.pick(requestKinds);
    // Some at one moment, as people come after a push to everybody.
    const atMs = random.chance(0.3) ? 1_000 : random.between(0, activeMs);
    world.after(atMs, () => ask(world, `r${number}`, kind, 0));
    // A client that is not sure asks again.
    if (random.chance(0.1)) {
      world.after(atMs + random.between(0, 2_000), () => ask(world, `r${number}`, kind, 0));
    }
  }
  for (let times = random.between(0, 4); times > 0; times--) {
    const atMs = random.between(30_000, activeMs * 8);
    world.after(atMs, () => replay(world));
    if (random.chance(0.5)) world.after(atMs + random.between(0, 3), () => replay(world));
  }
  return activeMs;
}

function ask(world: World, name: string, kind: RequestKind, tried: number): void {
  const again = () => {
    if (tried < clientTries) {
      world.after(world.random.between(500, 5_000), () => ask(world, name, kind, tried + 1));
    }
  };
  const process = world.anyProcess();
  if (process === undefined) return again();
  world.mix("ask");
  world.note(() => `${process.name} is asked for ${name} (${kind})`);
  const system = asSystem(process.ctx, "ask");
  process.serve(
    () => inTransaction(system, (tx) => place(tx, name, kind)),
    (outcome) => (outcome === undefined || outcome instanceof Error) && again(),
  );
}

/** The request and what follows from it, in one transaction. */
async function place(tx: Ctx & InTransaction, name: string, kind: RequestKind): Promise<true> {
  await noteAsked(tx, name, kind);
  const payload = { request: name, kind: "plain" };
  switch (kind) {
    case "plain":
      await enqueueJob(tx, { job: "do_once", key: name, payload });
      break;
    case "chain":
    case "poison":
      await enqueueJob(tx, { job: "do_once", key: name, payload: { request: name, kind } });
      break;
    case "later":
      await enqueueJob(tx, { job: "do_once", key: name, payload, notBeforeMs: laterMs(tx) });
      break;
    case "many":
      await enqueueJobs(
        tx,
        [0, 1, 2].map((part) => ({
          job: "do_once",
          key: `${name}_${part}`,
          payload: { request: `${name}_${part}`, kind: "plain" },
        })),
      );
      break;
    case "versions":
      // The same key at another version is other work.
      await enqueueJobs(
        tx,
        [1, 2].map((version) => ({
          job: "do_once",
          key: name,
          version,
          payload: { request: `${name}_${version}`, kind: "plain" },
        })),
      );
      break;
    case "owed":
      await enqueueJob(tx, { job: "owe_once", key: name, payload: { request: name } });
      break;
    case "rows":
      await enqueueJob(tx, { job: "move_rows", key: name, payload: { request: name } });
      break;
    case "mail":
    case "mail later":
      await mail(tx, name, kind === "mail later");
      break;
    case "mail and work":
      await mail(tx, name, false);
      await enqueueJob(tx, { job: "do_once", key: name, payload });
      break;
  }
  return true;
}

async function mail(tx: Ctx & InTransaction, name: string, later: boolean): Promise<void> {
  const number = Number(name.slice(1));
  await requestNotification(tx, {
    userId: `00000000-0000-7000-9000-00000000000${number % people}`,
    type: "security_alert",
    data: { request: name },
    channels: number % 2 === 0 ? ["email"] : ["email", "in_app"],
    dedupeKey: name,
    priority: number % 3 === 0 ? "high" : "normal",
    ...(later ? { sendAtMs: laterMs(tx) } : {}),
    ...(number % 7 === 6 ? { expiresAtMs: tx.now() + 1_800_000 } : {}),
  });
}

function laterMs(tx: Ctx): number {
  return tx.now() + 90_000;
}

function noteAsked({ sql }: InTransaction, name: string, kind: RequestKind): Promise<void> {
  const tx = transactionOf(sql);
  return tx.run("note request", () => tx.write(stateOf(sql).asked.slot(name), kind));
}

/** Staff replay what waits: all of it, or a letter of their choice. */
export function replay(world: World): void {
  const process = world.anyProcess();
  if (process === undefined) return;
  world.mix("replay");
  const system = asSystem(process.ctx, "staff");
  const waiting = [...world.state.letters.rows()].filter(({ state }) => state === "waiting");
  if (waiting.length === 0) return;
  const one = world.random.chance(0.5) ? world.random.pick(waiting) : undefined;
  world.note(() => `staff replay ${one ? `${one.job} ${one.key} ${one.version}` : "all"}`);
  process.serve<unknown>(
    () => one ? replayDeadLetter(system, one.id) : replayDeadLetters(system, {}, 100),
    () => {},
  );
}

/** Ends what the clock starts for the simulation's sake. */
export function stopClockJob(world: World): void {
  const { clockJob } = world;
  const process = world.anyProcess();
  if (clockJob === undefined || process === undefined) return;
  const system = asSystem(process.ctx, "staff");
  process.serve<unknown>(() => setSchedulePaused(system, clockJob.name, true), () => {});
}
