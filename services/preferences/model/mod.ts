export type { Preferences } from "../schema.ts";
export { type AccountAddress, inForce, mailAddress, unreachableTypes } from "./in_force.ts";
export { quietUntil } from "./quiet_hours.ts";
export { type Channel, channels, type MessageType, messageTypes } from "./vocabulary.ts";
