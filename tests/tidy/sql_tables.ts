import { lineAt } from "../../dev/source/mask.ts";
import type { Source } from "../../dev/source/tree.ts";

/** A table as the migrations leave it. */
export interface Table {
  name: string;
  /** The domain in the `-- owner:` comment above it. */
  owner: string | null;
  /** Marked `-- personal`, or with a column `user_id`. */
  personal: boolean;
  path: string;
  line: number;
}

const CREATED =
  /((?:^--.*\n)*)^create (?:unlogged )?table (?:if not exists )?(?:public\.)?"?(\w+)"?(?: partition of "?(\w+)"?)?([\s\S]*?);/gim;

/** Every table that the migrations create and do not drop, by name. */
export function tablesOf(sources: Source[]): Map<string, Table> {
  const tables = new Map<string, Table>();
  for (const { path, text } of migrations(sources)) {
    for (const match of text.matchAll(CREATED)) {
      const [whole, comment = "", name = "", partitioned = "", body = ""] = match;
      tables.set(name, {
        name,
        owner: /^-- owner: (\w+)/m.exec(comment)?.[1] ?? tables.get(partitioned)?.owner ?? null,
        personal: /^-- personal\b/m.test(comment) || /^\s*user_id\s/m.test(body),
        path,
        line: lineAt(text, match.index + whole.search(/^create/im)),
      });
    }
    applyChanges(tables, text);
  }
  return tables;
}

/** Migrations in the order in which they run; `schema.sql` is a dump of their outcome. */
function migrations(sources: Source[]): Source[] {
  return sources
    .filter(({ path }) => /^migrations\/\d+_\w+\.sql$/.test(path))
    .sort((a, b) => a.path < b.path ? -1 : 1);
}

function applyChanges(tables: Map<string, Table>, text: string): void {
  for (const [, name = ""] of text.matchAll(/^drop table (?:if exists )?(\w+)/gim)) {
    tables.delete(name);
  }
  for (
    const [, name = ""] of text.matchAll(/^alter table (\w+)[^;]*add (?:column )?user_id\b/gim)
  ) {
    const table = tables.get(name);
    if (table !== undefined) table.personal = true;
  }
  for (const [, name = "", next = ""] of text.matchAll(/^alter table (\w+)\s+rename to (\w+)/gim)) {
    const table = tables.get(name);
    if (table !== undefined) tables.set(next, { ...table, name: next });
    tables.delete(name);
  }
}
