import { type Page, pageOf } from "../../lib/page.ts";
import { authorise } from "../authorise.ts";
import { asSystem, inTransaction, type Needs } from "../ctx.ts";
import type { StoredEvent } from "./schema.ts";
import { selectEvents } from "./store.ts";
import { cursorAt, placeAt, toStoredEvent } from "./view.ts";

export interface EventFilter {
  severity?: StoredEvent["severity"];
  kind?: string;
  /** An instant; events at or after it. */
  since?: string;
  cursor?: string;
  limit: number;
}

/** What the product noted about itself, latest first. Staff only; `invalid_request` for a cursor that is none of ours. */
export async function listSystemEvents(
  ctx: Needs<"actor" | "database" | "log">,
  filter: EventFilter,
): Promise<Page<StoredEvent>> {
  authorise(ctx, "ops:read");
  const after = placeAt(filter.cursor);
  const rows = await inTransaction(
    asSystem(ctx, "list_system_events"),
    ({ sql }) =>
      selectEvents(sql, {
        severity: filter.severity ?? null,
        kind: filter.kind ?? null,
        since: filter.since ? new Date(filter.since) : null,
        after,
        rowsMax: filter.limit + 1,
      }),
  );
  return pageOf(rows, filter.limit, toStoredEvent, (row) => cursorAt(row.at, row.id));
}
