import type { Json } from "../http/json_schema.ts";

/** What each area is about. A new one gets its line here; the linter asks for it. */
const areas: Record<string, string> = {
  "api-keys": "Keys for services: scoped, expiring, shown once.",
  alerts: "Be told when a price crosses a level.",
  auth: "Registering, signing in, sessions, and the keys that tokens are checked with.",
  bars: "What symbols cost before.",
  changes: "What changed since you looked, for phones that keep a copy.",
  "dead-letters": "Jobs that were given up, for operators.",
  errors: "What went wrong on our side, grouped, for operators.",
  events: "What the system itself did, for operators.",
  home: "All that the first screen needs, in one call.",
  inbox: "Your messages in the app.",
  jobs: "What runs behind the API, for operators.",
  notifications: "Messages to people, and why each went where it went.",
  people: "People, for staff.",
  plans: "Financial plans, each with all of its versions.",
  preferences: "What you want to be told, where and when.",
  quotes: "What symbols cost now.",
  schedules: "What the clock starts, for operators.",
  service: "Whether the service is well, and what it can do.",
  simulations: "A plan's future, a few thousand times over.",
  stream: "Live data over one connection.",
  templates: "The texts of messages, for staff.",
  watchlists: "Symbols that you follow.",
  webhooks: "Where vendors report to. Not for you.",
};

const synonyms: Record<string, string> = {
  me: "auth",
  ".well-known": "auth",
  "system-events": "events",
  "dead-letter-replays": "dead-letters",
};

/** The area of a path: its noun, or the service itself for what lies outside of `/v1`. */
export function tagOf(path: string): string {
  const [, first = "", second = ""] = path.split("/");
  const noun = first === "v1" ? second : first;
  if (path.includes("/simulations")) return "simulations";
  return synonyms[noun] ?? (first === "v1" || noun in areas ? noun : "service");
}

/** The tags that occur, in the order of their names. */
export function tagList(paths: Iterable<string>): Json[] {
  const used = new Set([...paths].map(tagOf));
  return [...used].toSorted().map((name) => ({
    name,
    ...(areas[name] ? { description: areas[name] } : {}),
  }));
}
