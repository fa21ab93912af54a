import type { Sql } from "../../../lib/database.ts";
import type { CreatedPlace } from "../../../lib/page.ts";
import type { EpochMs } from "../../../lib/time.ts";

export interface NewDeadLetter {
  id: string;
  job: string;
  key: string;
  version: number;
  payload: Record<string, unknown>;
  reason: string;
  status: number | null;
  attempts: number;
  createdAtMs: EpochMs;
}

/** The first report of a dead message is kept; a repeated one changes nothing. */
export async function insertDeadLetter(sql: Sql, letter: NewDeadLetter): Promise<boolean> {
  const { payload, createdAtMs } = letter;
  const rows = await sql`
    insert into dead_letters (id, job, key, version, payload, reason, status, attempts, created_at)
    values (${letter.id}, ${letter.job}, ${letter.key}, ${letter.version},
            ${sql.json(payload as never)}, ${letter.reason}, ${letter.status}, ${letter.attempts},
            ${new Date(createdAtMs)})
    on conflict (job, key, version) do nothing
    returning 1`;
  return rows.length === 1;
}

export interface DeadLetterRow {
  id: string;
  job: string;
  key: string;
  version: string;
  payload: Record<string, unknown>;
  reason: string;
  status: number | null;
  attempts: number;
  state: string;
  created_at: Date;
  replayed_at: Date | null;
  replay_version: string | null;
  /** How the run that it was replayed as stands; null before it has begun. */
  replay_state: string | null;
}

/** Which letters somebody means. All that is given has to fit. */
export interface LetterFilter {
  job: string | null;
  key: string | null;
  state: string | null;
  status: number | null;
  createdFrom: Date | null;
  createdBefore: Date | null;
  /** Text in the reason. */
  reason: string | null;
}

const matches = (sql: Sql, filter: LetterFilter) =>
  sql`
    (${filter.job}::text is null or letter.job = ${filter.job})
      and (${filter.key}::text is null or letter.key = ${filter.key})
      and (${filter.state}::text is null or letter.state = ${filter.state})
      and (${filter.status}::int is null or letter.status = ${filter.status})
      and (${filter.createdFrom}::timestamptz is null or letter.created_at >= ${filter.createdFrom})
      and (${filter.createdBefore}::timestamptz is null or letter.created_at < ${filter.createdBefore})
      and (${filter.reason}::text is null or position(lower(${filter.reason}) in lower(letter.reason)) > 0)`;

const columns = (sql: Sql) =>
  sql`
    letter.id, letter.job, letter.key, letter.version, payload, reason, status, letter.attempts, letter.state,
    letter.created_at, replayed_at, replay_version, run.state as replay_state
    from dead_letters as letter left join job_runs as run
      on run.job = letter.job and run.key = letter.key and run.version = letter.replay_version`;

export async function selectDeadLetters(
  sql: Sql,
  filter: LetterFilter,
  after: CreatedPlace | undefined,
  rowsMax: number,
): Promise<DeadLetterRow[]> {
  return await sql<DeadLetterRow[]>`
    select ${columns(sql)}
    where ${matches(sql, filter)}
      and (${after === undefined}
        or (letter.created_at, letter.id) < (${after?.createdAt ?? null}, ${
    after?.id ?? null
  }::uuid))
    order by letter.created_at desc, letter.id desc limit ${rowsMax}`;
}

export async function selectDeadLetter(sql: Sql, id: string): Promise<DeadLetterRow | undefined> {
  const [row] = await sql<DeadLetterRow[]>`select ${columns(sql)} where letter.id = ${id}`;
  return row;
}

/** Takes one letter, so that two who replay it at once follow each other. */
export async function lockDeadLetter(sql: Sql, id: string): Promise<DeadLetterRow | undefined> {
  const [row] = await sql<DeadLetterRow[]>`
    select ${columns(sql)} where letter.id = ${id} for update of letter`;
  return row;
}

/** Takes the oldest letters that wait and fit; SKIP LOCKED leaves those alone that somebody else replays just now. */
export async function lockWaitingLetters(
  sql: Sql,
  filter: LetterFilter,
  rowsMax: number,
): Promise<DeadLetterRow[]> {
  return await sql<DeadLetterRow[]>`
    select ${columns(sql)} where letter.state = 'waiting' and ${matches(sql, filter)}
    order by letter.created_at, letter.id limit ${rowsMax} for update of letter skip locked`;
}

export async function countWaitingLetters(sql: Sql, filter: LetterFilter): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select count(*)::int as count from dead_letters as letter
    where letter.state = 'waiting' and ${matches(sql, filter)}`;
  return row?.count ?? 0;
}

export async function markReplayed(
  sql: Sql,
  id: string,
  replayVersion: number,
  nowMs: EpochMs,
): Promise<void> {
  await sql`
    update dead_letters set state = 'replayed', replayed_at = ${new Date(nowMs)},
           replay_version = ${replayVersion}
    where id = ${id}`;
}

/** Nothing is left to be done about it: whoever waited for its work was told. */
export async function markSettled(sql: Sql, id: string): Promise<void> {
  await sql`update dead_letters set state = 'settled' where id = ${id}`;
}

/** Forgets letters that nobody has to look at any more. Those that wait stay. */
export async function deleteAnsweredLetters(sql: Sql, beforeMs: EpochMs): Promise<void> {
  await sql`
    delete from dead_letters where created_at < ${new Date(beforeMs)} and state <> 'waiting'`;
}
