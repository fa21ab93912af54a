/** What opens with the process, and nothing that is heavy to load: the door for the front of the house. */
export { createNudge } from "./nudge.ts";
export type { Queue } from "./schema.ts";
