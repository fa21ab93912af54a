import { contentTag } from "../../lib/content_tag.ts";
import { fail } from "../../lib/errors.ts";
import type { Page } from "../../lib/page.ts";
import { summariseAlerts } from "../alerts/mod.ts";
import { getMe } from "../auth/mod.ts";
import { type InTransaction, inTransaction, type Needs } from "../ctx.ts";
import { getBadge, listInbox } from "../notifications/mod.ts";
import { summarisePlans } from "../plans/mod.ts";
import { listWatchlists } from "../watchlists/mod.ts";
import { priceWatchlists } from "./price_watchlists.ts";
import type { Home } from "./schema.ts";

const most = { watchlists: 5, plans: 5, inboxItems: 3, firedAlerts: 3 };

/** What the first screen shows, ready to be sent. */
export interface KeptHome {
  home: Home;
  body: string;
  etag: string;
}

type HomeNeeds = Needs<"actor" | "database" | "log" | "memory" | "now" | "redis" | "vendors">;

/**
 * What the first screen needs, in one answer for any person who is signed in; what they may not read is left out. Prices
 * come from outside and may be missing; everything else comes from one transaction, so that it fits together.
 */
export async function getHome(ctx: HomeNeeds): Promise<KeptHome> {
  if (ctx.actor.kind !== "person") fail("not_signed_in");
  const { watchlists, ...rest } = await inTransaction(ctx, loadStored);
  const priced = watchlists && await priceWatchlists(ctx, watchlists.items);
  const home = { ...rest, ...(priced ? { watchlists: { ...watchlists, items: priced } } : {}) };
  const body = JSON.stringify(home);
  return { home, body, etag: contentTag(body) };
}

/** Every part asks at once on the one connection: Postgres gets all questions in one go, and answers them in one. */
async function loadStored(tx: HomeNeeds & InTransaction) {
  const [person, watchlists, plans, inbox, alerts] = await Promise.all([
    getMe(tx),
    partFor(
      tx,
      "watchlists:read",
      async () => begun(await listWatchlists(tx, { limit: most.watchlists })),
    ),
    partFor(tx, "plans:read", async () => begun(await summarisePlans(tx, most.plans))),
    partFor(tx, "inbox:read", () => loadInbox(tx)),
    partFor(tx, "alerts:read", () => summariseAlerts(tx, most.firedAlerts)),
  ]);
  return { person, watchlists, plans, inbox, alerts };
}

async function loadInbox(tx: HomeNeeds & InTransaction) {
  const [{ unread }, page] = await Promise.all([
    getBadge(tx),
    listInbox(tx, { filter: "all", limit: most.inboxItems }),
  ]);
  return { unread, ...begun(page) };
}

/** The beginning of a list; its own address has the rest, and the cursors for it. */
function begun<Item>({ items, nextCursor }: Page<Item>): { items: Item[]; hasMore: boolean } {
  return { items, hasMore: nextCursor !== null };
}

function partFor<T>(
  { actor }: Needs<"actor">,
  permission: string,
  load: () => Promise<T>,
): Promise<T> | undefined {
  return actor.kind === "person" && actor.permissions.has(permission) ? load() : undefined;
}
