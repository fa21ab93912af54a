/** The read that has to be quick from a cold start: the door for the front of the house. */
export { getPreferences } from "./get_preferences.ts";
