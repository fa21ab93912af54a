import { fail } from "../../lib/errors.ts";
import { recordChange } from "../audit/mod.ts";
import { authorise } from "../authorise.ts";
import { noteChange } from "../changes/mod.ts";
import { type InTransaction, inTransaction, type Needs } from "../ctx.ts";
import { refuseUnknownSymbols } from "./refuse_unknown_symbols.ts";
import { positionMax, type Watchlist, type WatchlistInput } from "./schema.ts";
import {
  countOthers,
  insertWatchlist,
  lockPersonWatchlists,
  selectWatchlist,
  type WatchlistRow,
} from "./store.ts";
import { toWatchlist } from "./view.ts";

const listsMax = 20;

export type WatchlistNeeds = Needs<
  | "actor"
  | "database"
  | "log"
  | "memory"
  | "newId"
  | "now"
  | "origin"
  | "redis"
  | "requestId"
  | "vendors"
>;

/**
 * Keeps a new watchlist. The same id with the same content again answers what is stored; with other content it is a
 * conflict. `invalid_request` with the place of each symbol that no source knows, `no_price_source` where none can say.
 */
export async function createWatchlist(
  ctx: WatchlistNeeds,
  input: WatchlistInput,
): Promise<Watchlist> {
  const { userId } = authorise(ctx, "watchlists:write");
  // Prices come from outside, so they are asked for before anything is locked.
  await refuseUnknownSymbols(ctx, input.symbols);
  return await inTransaction(ctx, async (tx) => {
    await lockPersonWatchlists(tx.sql, userId);
    const known = input.id && await selectWatchlist(tx.sql, userId, input.id);
    if (known) return sameOrConflict(known, input);
    const id = input.id ?? ctx.newId();
    const { lists, next } = await placeOf(tx, userId, id);
    if (lists >= listsMax) {
      fail("watchlist_limit_reached", { detail: `One person has ${listsMax} lists at most.` });
    }
    const { name, symbols } = input;
    const watchlist = { id, user_id: userId, name, symbols, position: input.position ?? next };
    const row = await insertWatchlist(tx.sql, watchlist, new Date(ctx.now())) ??
      fail("conflict", { detail: "This id is taken." });
    await recordChange(tx, { action: "watchlist.created", subjectId: userId, entityId: id });
    noteChange(tx, { userId, kind: "watchlist", id, operation: "changed", version: row.version });
    return toWatchlist(row);
  });
}

/** How many lists a person has beside one, and the position after all of them. */
export async function placeOf(
  { sql }: InTransaction,
  userId: string,
  id: string,
): Promise<{ lists: number; next: number }> {
  const { lists, last } = await countOthers(sql, userId, id);
  return { lists, next: last === null ? 0 : Math.min(last + 1, positionMax) };
}

function sameOrConflict(known: WatchlistRow, input: WatchlistInput): Watchlist {
  const same = known.name === input.name &&
    JSON.stringify(known.symbols) === JSON.stringify(input.symbols) &&
    (input.position === null || known.position === input.position);
  return same
    ? toWatchlist(known)
    : fail("conflict", { detail: "This id stands for another watchlist." });
}
