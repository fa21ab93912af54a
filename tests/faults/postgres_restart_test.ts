import assert from "node:assert/strict";
import { pause } from "../../lib/time.ts";
import { withDoor } from "../workers/door.ts";
import { effectJob, sendingTo } from "./effect_job.ts";
import {
  assertAnswersAreSound,
  assertDeliveriesAreKept,
  assertNoneLeaked,
  assertOrdersAreKept,
  failuresOf,
  lastFailureAfter,
  slowestMs,
} from "./judge.ts";
import { type Answer, type Load, startLoad } from "./load.ts";
import { type OwnPostgres, withOwnPostgres } from "./own_postgres.ts";
import { barMs, faultsInFull, inSeconds, report } from "./report.ts";

const deadlineMs = 2_000;
// What the deadline allows for cancelling, and what a busy machine takes to say so.
const graceMs = 500;
const windowMs = 1_000;
const clients = 16;

/** How long it is away in each round beyond what a restart takes: requests wait for a short one, and for no long one. */
const rounds = faultsInFull() ? [0, 0, 0, 3_000] : [0];
const quietMs = faultsInFull() ? 2_000 : 1_000;

interface Round {
  awayMs: number;
  /** From its return to the last failure. */
  windowMs: number;
  failures: Answer[];
}

for (const how of ["fast", "immediate"] as const) {
  Deno.test(`Postgres stopped (${how}) and started again under load costs nobody anything that was answered, and refusals until a second after its return`, async () => {
    await withOwnPostgres((postgres) =>
      withDoor([effectJob], async (door) => {
        const load = await startLoad(door.app, { clients, sendMessage: sendingTo(door) });
        const seen: Round[] = [];
        await pause(quietMs);
        for (const downMs of rounds) seen.push(await restart(postgres, how, downMs, load));
        await load.finish();
        assertAnswersAreSound(load.answers);
        await assertOrdersAreKept(door.app, load);
        await assertDeliveriesAreKept(door.app, load);
        await assertNoneLeaked(door.app);
        door.app.logged.splice(0);
        tell(how, load, seen);
      }, {
        database: postgres.newDatabase,
        env: { DATABASE_DEADLINE_MS: String(deadlineMs), DATABASE_POOL_MAX: "20" },
      })
    );
  });
}

async function restart(
  postgres: OwnPostgres,
  how: "fast" | "immediate",
  downMs: number,
  { answers }: Load,
): Promise<Round> {
  const first = answers.length;
  const stoppedMs = performance.now();
  await postgres.stop(how);
  await pause(downMs);
  await postgres.start();
  const backMs = performance.now();
  await pause(quietMs);
  const since = answers.slice(first);
  return {
    awayMs: backMs - stoppedMs,
    windowMs: lastFailureAfter(since, backMs),
    failures: failuresOf(since),
  };
}

function tell(how: string, { answers, plans, delivered }: Load, seen: Round[]): void {
  const away = seen.map(({ awayMs }) => inSeconds(awayMs)).join(", ");
  const fault = `Postgres stopped ${how}, under load`;
  const done = `${seen.length} times, away ${away}; ${clients} clients`;
  const windows = Math.max(...seen.map((round) => round.windowMs));
  const slowest = slowestMs(answers);
  const kept = failuresOf(answers, "kept").length;
  const counts = ["list", "order", "delivery"] as const;
  report(
    {
      fault,
      done,
      bar: `refusals end <= ${inSeconds(windowMs)} after its return`,
      measured: inSeconds(windows),
      met: windows <= barMs(windowMs),
    },
    {
      fault,
      done,
      bar: `slowest request <= ${inSeconds(deadlineMs + graceMs)}`,
      measured: inSeconds(slowest),
      met: slowest <= barMs(deadlineMs + graceMs),
    },
    {
      fault,
      done,
      bar: "only 503 with Retry-After; cached reads none",
      measured: counts.map((kind) => `${failuresOf(answers, kind).length} ${kind}`).join(", ") +
        `, ${kept} cached; of ${answers.length} answers`,
      met: kept === 0,
    },
    {
      fault,
      done,
      bar: "every answered order and job is there once, whole",
      measured: `${plans.size} plans, ${delivered.size} jobs`,
      met: true,
    },
  );
  assert.ok(plans.size > 0 && delivered.size > 0);
}
