import type { Sql } from "../../../lib/database.ts";
import type { KeptAnswer, KeyedRequest } from "../schema.ts";

/** False where another request with the same key holds it now. The lock ends with the transaction. */
export async function tryLockKey(
  sql: Sql,
  { userId, route, key }: KeyedRequest,
): Promise<boolean> {
  const [row] = await sql<{ locked: boolean }[]>`
    select pg_try_advisory_xact_lock(
      hashtextextended(${`idempotency/${userId}/${route}/${key}`}, 0)) as locked`;
  return row?.locked ?? false;
}

/** What was answered under the key after `sinceMs`, and whether to the same content. */
export async function selectAnswer(
  sql: Sql,
  { userId, route, key, fingerprint }: KeyedRequest,
  sinceMs: number,
): Promise<KeptAnswer & { same: boolean } | undefined> {
  const [row] = await sql<(KeptAnswer & { same: boolean })[]>`
    select status, headers, body, fingerprint = ${fingerprint} as same from idempotency_keys
    where user_id = ${userId} and route = ${route} and key = ${key}
      and created_at > ${new Date(sinceMs)}`;
  return row;
}

/** Called under the key's lock once nothing was found: what is there all the same is past its day, and gives way. */
export async function insertAnswer(
  sql: Sql,
  { userId, route, key, fingerprint }: KeyedRequest,
  { status, headers, body }: KeptAnswer,
  nowMs: number,
): Promise<void> {
  await sql`
    insert into idempotency_keys (user_id, route, key, fingerprint, status, headers, body, created_at)
    values (${userId}, ${route}, ${key}, ${fingerprint}, ${status}, ${sql.json(headers)}, ${body},
            ${new Date(nowMs)})
    on conflict (user_id, route, key) do update
      set fingerprint = excluded.fingerprint, status = excluded.status, headers = excluded.headers,
          body = excluded.body, created_at = excluded.created_at`;
}

/** Deletes the oldest of what was answered before `beforeMs`; SKIP LOCKED lets a key that is used anew just now be. */
export async function deleteAnswersBefore(
  sql: Sql,
  beforeMs: number,
  rowsMax: number,
): Promise<number> {
  const { count } = await sql`
    delete from idempotency_keys where ctid = any(array(
      select ctid from idempotency_keys where created_at < ${new Date(beforeMs)}
      order by created_at limit ${rowsMax} for update skip locked))`;
  return count;
}
