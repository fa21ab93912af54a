import { type Page, pageOf } from "../../lib/page.ts";
import { authorise } from "../authorise.ts";
import { asSystem, inTransaction, type Needs } from "../ctx.ts";
import type { ErrorGroup } from "./schema.ts";
import { selectGroups } from "./store.ts";
import { cursorAt, placeAt, toErrorGroup } from "./view.ts";

/** Groups of errors, latest seen first. Staff only; `invalid_request` for a cursor that is none of ours. */
export async function listErrors(
  ctx: Needs<"actor" | "database" | "log">,
  filter: { state?: "open" | "resolved"; cursor?: string; limit: number },
): Promise<Page<ErrorGroup>> {
  authorise(ctx, "ops:read");
  const after = placeAt(filter.cursor);
  const rows = await inTransaction(
    asSystem(ctx, "list_errors"),
    ({ sql }) =>
      selectGroups(sql, { state: filter.state ?? null, after, rowsMax: filter.limit + 1 }),
  );
  return pageOf(rows, filter.limit, toErrorGroup, (row) => cursorAt(row.last_seen_at, row.id));
}
