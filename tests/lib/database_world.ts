import {
  type Database,
  type DatabaseOptions,
  openDatabase,
  type Session,
  type Sql,
} from "../../lib/database.ts";
import { isFailure } from "../../lib/errors.ts";
import { silentLog } from "../../lib/log.ts";
import { cloneDatabase } from "../support/database.ts";
import { type Inspector, openInspector } from "../support/inspector.ts";

export const ada = "0190b0f0-0000-7000-8000-000000000001";
export const person: Session = { role: "almanac_app", userId: ada, staff: false };
export const system: Session = { role: "almanac_system", userId: "", staff: false };

/** A database with a table of notes that every role may write, and ways to open it. */
export interface World {
  url: string;
  inspect: Inspector;
  open(options?: Partial<DatabaseOptions>): Database;
}

export async function withDatabase(work: (world: World) => Promise<void>): Promise<void> {
  const copy = await cloneDatabase();
  const inspect = openInspector(copy.url);
  await inspect.sql`create table notes (id integer primary key, text text not null default '')`;
  await inspect.sql`grant all on notes to almanac_app, almanac_system`;
  const opened: Database[] = [];
  const open = (options: Partial<DatabaseOptions> = {}) => {
    const database = openDatabase({
      url: copy.url,
      poolMax: 2,
      prepare: true,
      deadlineMs: 5_000,
      systemDeadlineMs: 5_000,
      log: silentLog,
      ...options,
    });
    opened.push(database);
    return database;
  };
  try {
    await work({ url: copy.url, inspect, open });
  } finally {
    for (const database of opened) await database.close();
    await inspect.close();
    await copy.drop();
  }
}

export const isUnavailable = (error: unknown) => isFailure(error, "unavailable");
/** Fails with an error of Postgres' own. */
export const raise = (sql: Sql, code: string) =>
  sql.unsafe(`do $$ begin raise exception 'on purpose' using errcode = '${code}'; end $$`);

/** Who a transaction is, as Postgres sees it. */
export interface Identity {
  role: string;
  login: string;
  user_id: string | null;
  staff: boolean;
}

export async function identityOf(sql: Sql): Promise<Identity | undefined> {
  const [row] = await sql<Identity[]>`
    select current_user as role, session_user as login, app_user_id() as user_id,
           app_is_staff() as staff`;
  return row;
}
