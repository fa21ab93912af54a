import { type ChangeNeeds, changePreferences } from "./change_preferences.ts";
import type { Preferences, PreferencesInput } from "./schema.ts";

/** Puts `input` in the place of the caller's preferences at version `expected`; undefined is any version. */
export async function replacePreferences(
  ctx: ChangeNeeds,
  input: PreferencesInput,
  expected: number | undefined,
): Promise<Preferences> {
  return await changePreferences(ctx, expected, () => input);
}
