import { fail } from "../../lib/errors.ts";
import { fieldErrorsOf } from "../../lib/field_errors.ts";
import { mergePatch } from "../../lib/merge_patch.ts";
import { recordChange } from "../audit/mod.ts";
import { authorise } from "../authorise.ts";
import { noteChange } from "../changes/mod.ts";
import { inTransaction } from "../ctx.ts";
import { getQuote } from "../market_data/mod.ts";
import {
  type AlertNeeds,
  isActive,
  quoteMaxAgeMs,
  refuseAboveLimit,
  startAt,
} from "./create_alert.ts";
import { type Alert, type AlertPatch, AlertSettings } from "./schema.ts";
import {
  type AlertRow,
  lockPersonAlerts,
  selectAlert,
  selectAlertForUpdate,
  updateAlert,
} from "./store.ts";
import { toAlert, toColumns, toSettings } from "./view.ts";

/**
 * Merges a JSON merge patch (RFC 7396) into an alert at version `expected`. Another direction or level, or switching
 * it on, starts it anew from the present price; no other change needs one.
 */
export async function changeAlert(
  ctx: AlertNeeds,
  id: string,
  patch: AlertPatch,
  expected: number | undefined,
): Promise<Alert> {
  const { userId } = authorise(ctx, "alerts:write");
  const before = await inTransaction(ctx, ({ sql }) => selectAlert(sql, userId, id)) ??
    fail("not_found");
  refuseOtherVersion(before, expected);
  // A price comes from outside, so it is asked for before anything is locked.
  const mayStartAnew = "direction" in patch || "level" in patch || patch.enabled === true;
  const priced = mayStartAnew && await getQuote(ctx, before.symbol, { maxAgeMs: quoteMaxAgeMs });
  return await inTransaction(ctx, async (tx) => {
    const now = new Date(ctx.now());
    await lockPersonAlerts(tx.sql, userId);
    const row = await selectAlertForUpdate(tx.sql, userId, id) ?? fail("not_found");
    refuseOtherVersion(row, expected);
    const present = toSettings(row);
    const next = merge(present, patch);
    if (isActive(next, now) && !isActive(present, now)) await refuseAboveLimit(tx, userId, now);
    const seen = priced && startsAnew(present, next)
      ? startAt(priced.quote, next)
      : { side: row.side, seen_at: row.seen_at, armed: row.armed || "repeat" in patch };
    const written = await updateAlert(tx.sql, id, { ...toColumns(next), ...seen }, now);
    const fields = Object.keys(patch);
    await recordChange(tx, { action: "alert.changed", subjectId: userId, entityId: id, fields });
    const { version } = written;
    noteChange(tx, { userId, kind: "alert", id, operation: "changed", version });
    return toAlert(written);
  });
}

/** `version_mismatch` with the present tag where an alert is not at the version that the caller has seen. */
export function refuseOtherVersion({ version }: AlertRow, expected: number | undefined): void {
  if (expected !== undefined && expected !== version) {
    fail("version_mismatch", { etag: `"${version}"` });
  }
}

function startsAnew(before: AlertSettings, after: AlertSettings): boolean {
  return before.direction !== after.direction || before.level !== after.level ||
    after.enabled && !before.enabled;
}

function merge(present: AlertSettings, patch: AlertPatch): AlertSettings {
  const merged = AlertSettings.safeParse(mergePatch(present, patch));
  return merged.success
    ? merged.data
    : fail("invalid_request", { errors: fieldErrorsOf(merged.error.issues) });
}
