const reading = [
  "quotes:read",
  "watchlists:read",
  "preferences:read",
  "plans:read",
  "alerts:read",
  "inbox:read",
  "notifications:read",
] as const;

const own = [
  ...reading,
  "watchlists:write",
  "preferences:write",
  "plans:write",
  "simulations:run",
  "alerts:write",
  "inbox:write",
] as const;

const everything = [
  ...own,
  "people:read",
  "people:write",
  "jobs:read",
  "jobs:write",
  "notifications:write",
  "market:read",
  "market:write",
  "templates:write",
  "ops:read",
  "ops:write",
] as const;

/** What each role may do. A permission is `area:verb`; a person may hold further ones beside the role's. */
export const roles = {
  client: own,
  planner: own,
  analyst: own,
  viewer: reading,
  admin: everything,
} as const satisfies Record<string, readonly string[]>;

export type Role = keyof typeof roles;
export type Permission = (typeof everything)[number];

export const permissionNames = everything;

export const roleNames = Object.keys(roles) as [Role, ...Role[]];

/** All that somebody may do: what the role allows and what was given beside it, each once. */
export function permissionsOf(role: Role, extra: readonly string[]): string[] {
  return [...new Set<string>([...roles[role], ...extra])];
}
