import { type Page, pageOf } from "../../lib/page.ts";
import { toInstant } from "../../lib/time.ts";
import { authorise } from "../authorise.ts";
import { inTransaction, type Needs } from "../ctx.ts";
import type { PreferencesChange } from "./schema.ts";
import { type HistoryRow, selectHistory } from "./store.ts";

const pageSize = 50;

/** Every version that the caller's preferences had, latest first. */
export async function listChanges(
  ctx: Needs<"actor" | "database" | "log">,
  beforeVersion = 2 ** 31 - 1,
): Promise<Page<PreferencesChange>> {
  const { userId } = authorise(ctx, "preferences:read");
  const rows = await inTransaction(
    ctx,
    ({ sql }) => selectHistory(sql, userId, beforeVersion, pageSize + 1),
  );
  return pageOf(rows, pageSize, toChange, ({ version }) => version);
}

function toChange({ version, document, changed_at, changed_by }: HistoryRow): PreferencesChange {
  return { version, document, changedAt: toInstant(changed_at), changedBy: changed_by };
}
