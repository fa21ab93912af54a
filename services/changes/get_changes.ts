import { refuseCursor } from "../../lib/cursor.ts";
import { fail } from "../../lib/errors.ts";
import { toInstant } from "../../lib/time.ts";
import { inTransaction, type Needs, type Person } from "../ctx.ts";
import { type Change, type ChangeFeed, kindNames, kinds } from "./schema.ts";
import { type ChangeRow, selectChanges, selectLastNumber } from "./store.ts";

/** How far somebody has read. */
interface Place {
  number: number;
  /** Where they began with what existed: what was deleted up to here they have never heard of. */
  existingAt: number;
}

/**
 * What has changed for the caller after the place `since`, each thing once, the longest ago first; without it,
 * everything that exists now. Of kinds that the caller may read. A change that comes while somebody reads page by page
 * lies behind all that they have read, so that following `nextCursor` misses nothing.
 */
export async function getChanges(
  ctx: Needs<"actor" | "database" | "log">,
  { since, limit }: { since?: string; limit: number },
): Promise<ChangeFeed> {
  const { actor } = ctx;
  if (actor.kind !== "person") return fail("not_signed_in");
  const place = since === undefined ? undefined : placeOf(since);
  const { existingAt, rows } = await inTransaction(ctx, async ({ sql }) => {
    // Read before the rows: all that is numbered up to it is among them.
    const existingAt = place?.existingAt ?? await selectLastNumber(sql, actor.userId);
    const rows = await selectChanges(sql, {
      userId: actor.userId,
      kinds: readableBy(actor),
      after: place?.number ?? 0,
      existingAt,
      rowsMax: limit + 1,
    });
    return { existingAt, rows };
  });
  const kept = rows.slice(0, limit);
  const number = Number(kept.at(-1)?.number ?? place?.number ?? 0);
  const hasMore = rows.length > limit;
  return {
    items: kept.map(toChange),
    nextCursor: textOf({ number, existingAt }, hasMore),
    hasMore,
  };
}

function readableBy({ permissions }: Person) {
  return kindNames.filter((name) => {
    const { permission } = kinds[name];
    return permission === null || permissions.has(permission);
  });
}

function toChange(row: ChangeRow): Change {
  return {
    kind: row.kind,
    id: row.entity_id,
    operation: row.operation,
    ...(row.version === null ? {} : { version: Number(row.version) }),
    at: toInstant(row.changed_at),
    href: kinds[row.kind].href(row.entity_id),
  };
}

/** Once all that existed has been read, where that was is behind the reader and forgotten. */
function textOf({ number, existingAt }: Place, hasMore: boolean): string {
  return hasMore && number < existingAt
    ? `${number}~${existingAt}`
    : `${Math.max(number, existingAt)}`;
}

function placeOf(since: string): Place {
  const [, number, existingAt = "0"] = /^(\d{1,15})(?:~(\d{1,15}))?$/.exec(since) ??
    refuseCursor("since");
  return { number: Number(number), existingAt: Number(existingAt) };
}
