export { type Change, recordChange } from "./record_change.ts";
