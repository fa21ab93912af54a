/** Work that waits in a table, and the statement by which somebody takes some of it. */
import type postgres from "postgres";
import type { Sql } from "../../lib/database.ts";
import { claimOutbox } from "../../services/jobs/store/outbox.ts";
import { claimNotifications } from "../../services/notifications/store/claims.ts";

export interface Backlog {
  /** Puts so many rows there, all of them due, and nothing else. */
  fill(owner: postgres.Sql, rowCount: number): Promise<void>;
  /** Answers the ids of what was taken. */
  claim(sql: Sql, nowMs: number, rowsMax: number): Promise<string[]>;
}

const leaseMs = 60_000;
const personCount = 1_000;

const ids = (rows: { id: string }[]) => rows.map(({ id }) => id);

/** Alerts by mail that came due within the last minutes, of all priorities, as judging alerts asks for them. */
export const notifications: Backlog = {
  async fill(owner, rowCount) {
    await owner`truncate notifications cascade`;
    await owner`
      insert into users (id, email, name, password_hash, password_changed_at, created_at)
      select ('01900000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'bench' || n || '@example.com',
             'Bench ' || n, '', now(), now()
      from generate_series(0, ${personCount - 1}::int) n on conflict do nothing`;
    await owner`
      insert into notifications (id, request_id, user_id, type, channel, priority, status, data, dedupe_key,
                                 created_at, next_attempt_at, claim_rank)
      select ('01910000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
             ('01920000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
             ('01900000-0000-7000-8000-' || lpad(to_hex(n % ${personCount}::int), 12, '0'))::uuid,
             'market_alert', 'email', n % 4, 'queued', ${owner.json(alert)}, 'alert_' || n,
             due, due, due + n % 4 * interval '30 seconds'
      from (select n, now() - interval '10 minutes' + n * interval '1 millisecond' as due
            from generate_series(1, ${rowCount}::int) n) as asked`;
    await owner`vacuum analyze notifications`;
  },
  claim: async (sql, nowMs, rowsMax) => ids(await claimNotifications(sql, nowMs, leaseMs, rowsMax)),
};

export const outbox: Backlog = {
  async fill(owner, rowCount) {
    await owner`truncate outbox`;
    await owner`
      insert into outbox (id, job, key, version, payload, next_attempt_at, request_id)
      select ('01910000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'notify_person',
             '01900000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'), 1,
             ${owner.json({ type: "plan_ready" })}, 'epoch', 'bench-' || n
      from generate_series(1, ${rowCount}::int) n`;
    await owner`vacuum analyze outbox`;
  },
  claim: async (sql, nowMs, rowsMax) => ids(await claimOutbox(sql, nowMs, rowsMax)),
};

/** B0: the least that a queue in a table is, with one index, nothing that belongs to a row, and no row-level security. */
export const bare: Backlog = {
  async fill(owner, rowCount) {
    await owner`drop table if exists bench_queue`;
    await owner`create table bench_queue (id bigint primary key, taken boolean not null default false)`;
    await owner`create index bench_queue_due on bench_queue (id) where not taken`;
    await owner`grant select, update on bench_queue to almanac_system`;
    await owner`insert into bench_queue (id) select n from generate_series(1, ${rowCount}::int) n`;
    await owner`vacuum analyze bench_queue`;
  },
  claim: async (sql, _nowMs, rowsMax) =>
    ids(
      await sql<{ id: string }[]>`
        update bench_queue set taken = true
        where id in (select id from bench_queue where not taken
                     order by id limit ${rowsMax} for update skip locked)
        returning id`,
    ),
};

const alert = {
  symbol: "AAPL",
  direction: "above",
  level: "200.00",
  price: "203.10",
  currency: "USD",
  asOf: "2026-01-30T15:31:02.000Z",
  source: "demo",
  synthetic: true,
  note: "",
  alertId: "0190d7a4-8f00-7000-8000-000000000001",
};
