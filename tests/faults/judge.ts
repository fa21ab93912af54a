import assert from "node:assert/strict";
import type { TestApp } from "../support/app.ts";
import { pollUntil } from "../support/poll.ts";
import type { Answer, Kind, Load } from "./load.ts";

/** Good answers, and refusals that ask to come again: all that a client may ever see. */
export function assertAnswersAreSound(answers: Answer[]): void {
  const odd = answers.filter((answer) => !isGood(answer) && !isPassing(answer));
  assert.deepEqual(odd.slice(0, 5), [], `${odd.length} of ${answers.length} answers`);
}

/** The failed answers of some kinds, or of all of them. */
export function failuresOf(answers: Answer[], ...kinds: Kind[]): Answer[] {
  return answers.filter((answer) =>
    !isGood(answer) && (kinds.length === 0 || kinds.includes(answer.kind))
  );
}

/** How long after a moment the last request failed; 0 where none did. */
export function lastFailureAfter(answers: Answer[], sinceMs: number, ...kinds: Kind[]): number {
  return Math.max(0, ...failuresOf(answers, ...kinds).map(({ endedMs }) => endedMs - sinceMs));
}

/** Of requests; deliveries may take as long as jobs may. */
export function slowestMs(answers: Answer[]): number {
  return Math.max(
    0,
    ...answers.filter(({ kind }) => kind !== "delivery")
      .map(({ startedMs, endedMs }) => endedMs - startedMs),
  );
}

/** Everything that was answered is there, once, with all that belongs to it; and nothing else is. */
export async function assertOrdersAreKept({ inspect: { sql } }: TestApp, load: Load) {
  const rows = await sql<{ id: string; name: string }[]>`
    select id, name from plans where name <> 'kept'`;
  assert.equal(rows.length, load.plans.size, "as many plans as were answered");
  for (const { id, name } of rows) assert.equal(load.plans.get(name), id, name);
  const [halves] = await sql<Record<string, number>[]>`
    select (select count(*) from plans p where 1 <> (
             select count(*) from plan_versions v where v.plan_id = p.id))::int as "plans without a version",
           (select count(*) from plans p where 1 <> (
             select count(*) from audit_log a
             where a.action = 'plan.created' and a.entity_id = p.id::text))::int as "plans without an audit row",
           (select count(*) from audit_log a where a.action = 'plan.created' and not exists (
             select from plans p where p.id::text = a.entity_id))::int as "audit rows without a plan",
           (select abs(count(*) - (select count(*) from plans)) from idempotency_keys)::int
             as "keys without a plan"`;
  assert.deepEqual({ ...halves }, {
    "plans without a version": 0,
    "plans without an audit row": 0,
    "audit rows without a plan": 0,
    "keys without a plan": 0,
  });
}

/** Each message that was answered 2xx has had its effect, once. */
export async function assertDeliveriesAreKept({ inspect: { sql } }: TestApp, load: Load) {
  const rows = await sql<{ number: number; times: number }[]>`
    select message::int as number, count(*)::int as times from effects group by 1`;
  assert.deepEqual(rows.filter(({ times }) => times !== 1), []);
  assert.deepEqual(
    rows.map(({ number }) => number).toSorted((a, b) => a - b),
    [...load.delivered].toSorted((a, b) => a - b),
  );
}

/** Postgres knows of no connection of the app that its pool does not know of, and none is held by nobody. */
export async function assertNoneLeaked({ deps, inspect: { sql } }: TestApp) {
  const { database } = deps.context("test", { address: "", userAgent: "" });
  let [known, open] = ["", ""];
  await pollUntil("as many connections as the pool has", async () => {
    const { inUse, idle, waiting } = database.pool();
    const [row] = await sql<{ count: number }[]>`
      select count(*)::int from pg_stat_activity
      where application_name = 'almanac' and datname = current_database()`;
    known = `${inUse} in use, ${idle} idle, ${waiting} waiting`;
    open = `0 in use, ${row?.count} idle, 0 waiting`;
    return known === open;
  }, 5_000).catch(() => assert.equal(known, open));
}

const isGood = ({ status }: Answer) => status === 200 || status === 201;

/** 409 is for a key whose request is at work, 429 for a run that is. */
function isPassing({ kind, status, asksToWait }: Answer): boolean {
  const passing = kind === "order" ? [503, 409] : kind === "delivery" ? [503, 429] : [503];
  return asksToWait && passing.includes(status);
}
