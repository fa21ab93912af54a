import { fail } from "../../lib/errors.ts";
import { fieldErrorsOf } from "../../lib/field_errors.ts";
import { mergePatch } from "../../lib/merge_patch.ts";
import { type ChangeNeeds, changePreferences } from "./change_preferences.ts";
import { type Preferences, PreferencesInput } from "./schema.ts";

/** Merges a JSON merge patch into the caller's preferences; what comes out must be whole and right. */
export async function mergePreferences(
  ctx: ChangeNeeds,
  patch: Record<string, unknown>,
  expected: number | undefined,
): Promise<Preferences> {
  return await changePreferences(ctx, expected, (present) => {
    const merged = PreferencesInput.safeParse(mergePatch(present, patch));
    if (merged.success) return merged.data;
    return fail("invalid_request", { errors: fieldErrorsOf(merged.error.issues) });
  });
}
