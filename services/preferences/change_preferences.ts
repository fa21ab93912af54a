import { fail } from "../../lib/errors.ts";
import { recordChange } from "../audit/mod.ts";
import { authorise } from "../authorise.ts";
import { noteChange } from "../changes/mod.ts";
import { inTransaction, type Needs } from "../ctx.ts";
import { changedPrivateDocument } from "../private_document.ts";
import { preferencesKey } from "./get_preferences.ts";
import { loadPreferences } from "./load_preferences.ts";
import { inForce, unreachableTypes } from "./model/mod.ts";
import type { Preferences, PreferencesInput } from "./schema.ts";
import { insertHistory, lockPreferences, writePreferences } from "./store.ts";

export type ChangeNeeds = Needs<
  "actor" | "database" | "log" | "memory" | "newId" | "now" | "origin" | "redis" | "requestId"
>;

/**
 * Writes the next version of the caller's preferences as `decide` makes it from the present one. 412 where they are
 * not at `expected` any more, 422 where a required type would reach the person nowhere.
 */
export async function changePreferences(
  ctx: ChangeNeeds,
  expected: number | undefined,
  decide: (present: PreferencesInput) => PreferencesInput,
): Promise<Preferences> {
  const { userId } = authorise(ctx, "preferences:write");
  return await inTransaction(ctx, async (tx) => {
    await lockPreferences(tx.sql, userId);
    const { preferences: present, input, account } = await loadPreferences(tx, userId);
    if (expected !== undefined && expected !== present.version) {
      fail("version_mismatch", { etag: `"${present.version}"` });
    }
    const next = { version: present.version + 1, document: decide(input) };
    const preferences = inForce(next.version, next.document, account);
    refuseUnreachable(preferences);
    await writePreferences(tx.sql, userId, next, ctx.now());
    await insertHistory(tx.sql, userId, next, ctx.now(), userId);
    const fields = changedFields(input, next.document);
    await recordChange(tx, { action: "preferences.changed", subjectId: userId, fields });
    const { version } = preferences;
    noteChange(tx, { userId, kind: "preferences", id: userId, operation: "changed", version });
    changedPrivateDocument(tx, preferencesKey(userId));
    return preferences;
  });
}

function refuseUnreachable(preferences: Preferences): void {
  const types = unreachableTypes(preferences);
  if (types.length === 0) return;
  const errors = types.map((type) => ({
    path: `channels.*.${type}`,
    message: "must stay on for one channel",
  }));
  fail("required_type", { errors });
}

function changedFields(before: PreferencesInput, after: PreferencesInput): string[] {
  const names = Object.keys(after) as (keyof PreferencesInput)[];
  return names.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
}
