import { fail } from "../../lib/errors.ts";
import { fieldErrorsOf } from "../../lib/field_errors.ts";
import { mergePatch } from "../../lib/merge_patch.ts";
import { recordChange } from "../audit/mod.ts";
import { authorise } from "../authorise.ts";
import { noteChange } from "../changes/mod.ts";
import { inTransaction } from "../ctx.ts";
import { placeOf, type WatchlistNeeds } from "./create_watchlist.ts";
import { refuseUnknownSymbols } from "./refuse_unknown_symbols.ts";
import { type Watchlist, type WatchlistPatch, WatchlistSettings } from "./schema.ts";
import {
  lockPersonWatchlists,
  selectWatchlist,
  selectWatchlistForUpdate,
  updateWatchlist,
  type WatchlistRow,
} from "./store.ts";
import { toWatchlist } from "./view.ts";

/**
 * Merges a JSON merge patch (RFC 7396) into a watchlist, at version `expected` where one is given. Only symbols that
 * are new to the list have to be known to a source.
 */
export async function changeWatchlist(
  ctx: WatchlistNeeds,
  id: string,
  patch: WatchlistPatch,
  expected: number | undefined,
): Promise<Watchlist> {
  const { userId } = authorise(ctx, "watchlists:write");
  const before = await inTransaction(ctx, ({ sql }) => selectWatchlist(sql, userId, id)) ??
    fail("not_found");
  refuseOtherVersion(before, expected);
  // Prices come from outside, so they are asked for before anything is locked.
  await refuseUnknownSymbols(ctx, merge(before, patch).symbols, before.symbols);
  return await inTransaction(ctx, async (tx) => {
    await lockPersonWatchlists(tx.sql, userId);
    const row = await selectWatchlistForUpdate(tx.sql, userId, id) ?? fail("not_found");
    refuseOtherVersion(row, expected);
    const { name, symbols, position } = merge(row, patch);
    const settings = { name, symbols, position: position ?? (await placeOf(tx, userId, id)).next };
    const written = await updateWatchlist(tx.sql, id, settings, new Date(ctx.now()));
    const fields = Object.keys(patch);
    await recordChange(tx, {
      action: "watchlist.changed",
      subjectId: userId,
      entityId: id,
      fields,
    });
    noteChange(tx, {
      userId,
      kind: "watchlist",
      id,
      operation: "changed",
      version: written.version,
    });
    return toWatchlist(written);
  });
}

/** `version_mismatch` with the present tag where a list is not at the version that the caller has seen. */
export function refuseOtherVersion(
  { version }: Pick<WatchlistRow, "version">,
  expected: number | undefined,
): void {
  if (expected === undefined || expected === version) return;
  fail("version_mismatch", { etag: `"${version}"` });
}

function merge({ name, symbols, position }: WatchlistRow, patch: WatchlistPatch) {
  const merged = WatchlistSettings.safeParse(mergePatch({ name, symbols, position }, patch));
  return merged.success
    ? merged.data
    : fail("invalid_request", { errors: fieldErrorsOf(merged.error.issues) });
}
