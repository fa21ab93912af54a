export { getPreferences } from "./get_preferences.ts";
export { listChanges } from "./list_changes.ts";
export { loadPreferences } from "./load_preferences.ts";
export { mergePreferences } from "./merge_preferences.ts";
export { replacePreferences } from "./replace_preferences.ts";
export { type Channel, channels, type MessageType, messageTypes } from "./model/mod.ts";
export { Preferences, PreferencesChange, PreferencesInput, PreferencesPatch } from "./schema.ts";
