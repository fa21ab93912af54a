import type { Sql } from "../../lib/database.ts";
import type { EpochMs } from "../../lib/time.ts";
import type { KindName, Operation } from "./schema.ts";

export interface NewChange {
  userId: string;
  kind: KindName;
  entityId: string;
  operation: Operation;
  version: number | null;
  atMs: EpochMs;
}

/**
 * Writes changes under the next numbers of their persons; of one thing only the latest is kept. The person's counter
 * stays locked until the commit, so that numbers become visible in their order: a reader who has seen one has missed
 * none before it. Counters are locked in the order of persons, so that two writers never wait for each other.
 */
export async function upsertChanges(sql: Sql, changes: NewChange[]): Promise<void> {
  await sql`
    with noted as (
      select * from unnest(${changes.map(({ userId }) => userId)}::uuid[],
                           ${changes.map(({ kind }) => kind)}::text[],
                           ${changes.map(({ entityId }) => entityId)}::uuid[],
                           ${changes.map(({ operation }) => operation)}::text[],
                           ${changes.map(({ version }) => version)}::bigint[],
                           ${
    changes.map(({ atMs }) => new Date(atMs).toISOString())
  }::timestamptz[])
        with ordinality as n (user_id, kind, entity_id, operation, version, changed_at, place)),
    counted as (
      insert into change_counters as counter (user_id, last_number)
      select user_id, count(*) from noted group by user_id order by user_id
      on conflict (user_id) do update set last_number = counter.last_number + excluded.last_number
      returning user_id, last_number)
    insert into changes (user_id, kind, entity_id, number, operation, version, changed_at)
    select noted.user_id, kind, entity_id,
           last_number + 1 - row_number() over (partition by noted.user_id order by place desc),
           operation, version, changed_at
    from noted join counted on counted.user_id = noted.user_id
    order by noted.user_id, place
    on conflict (user_id, kind, entity_id) do update
      set number = excluded.number, operation = excluded.operation, version = excluded.version,
          changed_at = excluded.changed_at`;
}

/** The number of a person's latest change; 0 where there is none. */
export async function selectLastNumber(sql: Sql, userId: string): Promise<number> {
  const [row] = await sql<{ last_number: string }[]>`
    select last_number from change_counters where user_id = ${userId}`;
  return Number(row?.last_number ?? 0);
}

export interface ChangeRow {
  kind: KindName;
  entity_id: string;
  number: string;
  operation: Operation;
  version: string | null;
  changed_at: Date;
}

/** Changes after a number, the oldest first, without what was deleted up to `existingAt`. */
export async function selectChanges(
  sql: Sql,
  { userId, kinds, after, existingAt, rowsMax }: {
    userId: string;
    kinds: KindName[];
    after: number;
    existingAt: number;
    rowsMax: number;
  },
): Promise<ChangeRow[]> {
  return await sql<ChangeRow[]>`
    select kind, entity_id, number, operation, version, changed_at from changes
    where user_id = ${userId} and number > ${after} and kind = any (${kinds}::text[])
      and (operation <> 'deleted' or number > ${existingAt})
    order by number limit ${rowsMax}`;
}
