export { getChanges } from "./get_changes.ts";
export { noteChange } from "./note_change.ts";
export { ChangeFeed } from "./schema.ts";
