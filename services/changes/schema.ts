import * as z from "zod";

/** The kinds of things that a phone keeps, each with where it is read and what one must be allowed to read it. */
export const kinds = {
  profile: { permission: null, href: () => "/v1/me" },
  preferences: { permission: "preferences:read", href: () => "/v1/preferences" },
  plan: { permission: "plans:read", href: (id) => `/v1/plans/${id}` },
  simulation: { permission: "plans:read", href: (id) => `/v1/simulations/${id}` },
  watchlist: { permission: "watchlists:read", href: (id) => `/v1/watchlists/${id}` },
  alert: { permission: "alerts:read", href: (id) => `/v1/alerts/${id}` },
  notification: { permission: "notifications:read", href: (id) => `/v1/notifications/${id}` },
  inbox_item: { permission: "inbox:read", href: (id) => `/v1/inbox/items/${id}` },
} as const satisfies Record<string, Kind>;

interface Kind {
  /** Null for what everybody may read of themselves. */
  permission: string | null;
  href(id: string): string;
}

export type KindName = keyof typeof kinds;
export const kindNames = Object.keys(kinds) as KindName[];

const operations = ["changed", "deleted"] as const;
export type Operation = (typeof operations)[number];

export const Change = z.object({
  kind: z.enum(kindNames),
  id: z.uuid(),
  operation: z.enum(operations),
  version: z.int().optional().describe("Of what has versions: the one that this change made."),
  at: z.string(),
  href: z.string().describe("Where it is read as it is now."),
}).meta({
  id: "Change",
  example: {
    kind: "plan",
    id: "0190d7a4-8f00-7000-8000-000000000002",
    operation: "changed",
    version: 3,
    at: "2026-01-31T09:30:00.000Z",
    href: "/v1/plans/0190d7a4-8f00-7000-8000-000000000002",
  },
});
export type Change = z.infer<typeof Change>;

export const ChangeFeed = z.object({
  items: z.array(Change),
  nextCursor: z.string().describe(
    "For `since` of the next call, whether there is more now or not.",
  ),
  hasMore: z.boolean(),
}).meta({ id: "ChangeFeed" });
export type ChangeFeed = z.infer<typeof ChangeFeed>;
