import type { Inspector } from "./inspector.ts";

/** Table to a digest of all its rows: two that are equal mean that nothing was changed in between. */
export async function fingerprint({ sql }: Inspector): Promise<Record<string, string>> {
  const tables = await sql<{ name: string }[]>`
    select table_name as name from information_schema.tables
    where table_schema = 'public' and table_type = 'BASE TABLE' order by 1`;
  const digests: Record<string, string> = {};
  for (const { name } of tables) {
    const [row] = await sql<{ digest: string }[]>`
      select count(*) || ' ' || coalesce(md5(string_agg(t::text, '|' order by t::text)), '') as digest
      from ${sql(name)} t`;
    digests[name] = row?.digest ?? "";
  }
  return digests;
}
