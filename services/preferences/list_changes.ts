import { type Page, type PageInput, pageOf, placeOfNumber } from "../../lib/page.ts";
import { toInstant } from "../../lib/time.ts";
import { authorise } from "../authorise.ts";
import { inTransaction, type Needs } from "../ctx.ts";
import type { PreferencesChange } from "./schema.ts";
import { type HistoryRow, selectHistory } from "./store.ts";

const noVersionYet = 2 ** 31 - 1;

/** Every version that the caller's preferences had, latest first. */
export async function listChanges(
  ctx: Needs<"actor" | "database" | "log">,
  { cursor, limit }: PageInput,
): Promise<Page<PreferencesChange>> {
  const { userId } = authorise(ctx, "preferences:read");
  const before = placeOfNumber(cursor) ?? noVersionYet;
  const rows = await inTransaction(ctx, ({ sql }) => selectHistory(sql, userId, before, limit + 1));
  return pageOf(rows, limit, toChange, ({ version }) => version);
}

function toChange({ version, document, changed_at, changed_by }: HistoryRow): PreferencesChange {
  return { version, document, changedAt: toInstant(changed_at), changedBy: changed_by };
}
