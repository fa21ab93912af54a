import type { Sql } from "../../lib/database.ts";

export async function selectOne(sql: Sql): Promise<void> {
  await sql`select 1`;
}
