import assert from "node:assert/strict";
import fc from "fast-check";
import { type Database, openDatabase, type Session, type Sql } from "../../lib/database.ts";
import { silentLog } from "../../lib/log.ts";
import * as realLetters from "../../services/jobs/store/dead_letters.ts";
import * as realOutbox from "../../services/jobs/store/outbox.ts";
import * as realRuns from "../../services/jobs/store/runs.ts";
import * as realSchedules from "../../services/jobs/store/schedules.ts";
import * as realClaims from "../../services/notifications/store/claims.ts";
import * as realNotifications from "../../services/notifications/store.ts";
import * as realSuppressions from "../../services/notifications/store/suppressions.ts";
import { cloneDatabase } from "../support/database.ts";
import { type Inspector, openInspector } from "../support/inspector.ts";
import { lastClaimed, type Operation, sequences } from "./store_operations.ts";
import * as claims from "./stores/claims.ts";
import * as letters from "./stores/dead_letters.ts";
import * as notifications from "./stores/notifications.ts";
import * as outbox from "./stores/outbox.ts";
import * as runs from "./stores/runs.ts";
import * as schedules from "./stores/schedules.ts";
import { bindState, State } from "./stores/state.ts";
import * as suppressions from "./stores/suppressions.ts";
import { type Host, type Table, Transaction } from "./stores/tables.ts";

type Stores = Record<Operation["store"], Record<string, unknown>>;

const seed = 20300107;
const sequenceCount = 150;
const real: Stores = {
  outbox: realOutbox,
  runs: realRuns,
  letters: realLetters,
  schedules: realSchedules,
  notifications: realNotifications,
  claims: realClaims,
  suppressions: realSuppressions,
};
const inMemory: Stores = { outbox, runs, letters, schedules, notifications, claims, suppressions };
const system: Session = { role: "almanac_system", userId: "", staff: false };

/** What is compared of each table, in an order that both know. */
const tables: [name: string, of: keyof State, order: string[]][] = [
  ["outbox", "outbox", ["job", "key", "version"]],
  ["job_runs", "runs", ["job", "key", "version"]],
  ["dead_letters", "letters", ["job", "key", "version"]],
  ["schedules", "schedules", ["job"]],
  ["notifications", "notifications", ["id"]],
  ["notification_events", "events", ["id"]],
  ["receipts", "receipts", ["event_id"]],
  ["suppressions", "suppressions", ["address"]],
];

Deno.test("the stores of the simulation do what the statements of the product do in Postgres", async () => {
  const copy = await cloneDatabase();
  const inspect = openInspector(copy.url);
  const deadlines = { deadlineMs: 10_000, systemDeadlineMs: 10_000 };
  const database = openDatabase({
    url: copy.url,
    poolMax: 1,
    prepare: true,
    log: silentLog,
    ...deadlines,
  });
  try {
    // That a person's account is erased, and their messages with it, has no part in delivery.
    await inspect.sql`alter table notifications drop constraint notifications_user_id_fkey`;
    await inspect.sql`
      alter table notification_events drop constraint notification_events_notification_id_fkey`;
    await fc.assert(
      fc.asyncProperty(sequences, async (operations) => {
        await inspect.sql`
          truncate outbox, job_runs, dead_letters, schedules, notifications, notification_events, receipts,
                   suppressions`;
        await compare(database, inspect, operations);
      }),
      { seed, numRuns: sequenceCount },
    );
  } finally {
    await inspect.close();
    await database.close();
    await copy.drop();
  }
});

async function compare(database: Database, inspect: Inspector, operations: Operation[]) {
  const state = new State();
  const host: Host = { execute: (_transaction, _what, go) => go() };
  bindState(host, state);
  let claimed: { id: string }[] = [];
  for (const operation of operations) {
    const given = withClaimed(operation, claimed);
    const expected = await settled(() =>
      database.transaction(system, (sql) => call(real, operation, sql, given))
    );
    const transaction = new Transaction(host, state.advisory);
    const answered = await settled(() =>
      call(inMemory, operation, transaction as unknown as Sql, given)
    );
    if (transaction.state === "open") transaction.commit();
    else transaction.rollback();
    const told = `${operation.name} ${JSON.stringify(given)}`;
    assert.deepEqual(plain(answered, operation), plain(expected, operation), told);
    if (operation.name === "claimOutbox") claimed = expected as { id: string }[];
  }
  for (const [name, of, order] of tables) {
    const rows = await inspect.sql.unsafe(`select * from ${name} order by ${order.join(", ")}`);
    const memory = [...(state[of] as unknown as Table<Record<string, unknown>>).rows()];
    memory.sort((one, other) => keyOf(one, order) < keyOf(other, order) ? -1 : 1);
    const columns = Object.keys(memory[0] ?? {});
    assert.deepEqual(memory, rows.map((row) => pick(row, columns)), name);
  }
}

async function call(stores: Stores, { store, name }: Operation, sql: Sql, given: unknown[]) {
  const statement = stores[store][name] as (sql: Sql, ...given: unknown[]) => Promise<unknown>;
  return await statement(sql, ...given);
}

/** The ids of what was claimed last stand in place of their mark. */
function withClaimed({ given }: Operation, claimed: { id: string }[]): unknown[] {
  if (given[0] !== lastClaimed) return given;
  const [, nowMs, over] = given;
  return [claimed.map(({ id }) => ({ id, messageId: `m-${id}`, over })), nowMs];
}

/** A statement that Postgres refuses is to be refused in memory, whatever the words. */
async function settled(work: () => Promise<unknown>): Promise<unknown> {
  try {
    return await work();
  } catch {
    return "refused";
  }
}

function plain(answer: unknown, { unordered }: Operation): unknown {
  const listed = answer instanceof Set
    ? [...answer].sort()
    : answer instanceof Map
    ? [...answer]
    : answer;
  const read = JSON.parse(JSON.stringify(listed ?? null));
  if (!unordered || !Array.isArray(read)) return read;
  return read.sort((one, other) =>
    JSON.stringify(sorted(one)) < JSON.stringify(sorted(other)) ? -1 : 1
  );
}

function sorted(row: Record<string, unknown>) {
  return Object.entries(row).sort(([one], [other]) => one < other ? -1 : 1);
}

function keyOf(row: Record<string, unknown>, order: string[]): string {
  return order.map((name) => String(row[name])).join("/");
}

const bigints = new Set(["version", "replay_version", "fence"]);

function pick(row: Record<string, unknown>, columns: string[]) {
  return Object.fromEntries(columns.map((name) => [name, fromSql(name, row[name])]));
}

function fromSql(name: string, value: unknown): unknown {
  if (value instanceof Date) return value.getTime();
  return bigints.has(name) && value !== null ? Number(value) : value;
}
