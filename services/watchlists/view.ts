import { toInstant } from "../../lib/time.ts";
import type { Watchlist } from "./schema.ts";
import type { WatchlistRow } from "./store.ts";

export function toWatchlist(row: WatchlistRow): Watchlist {
  return {
    id: row.id,
    version: row.version,
    name: row.name,
    symbols: row.symbols,
    position: row.position,
    createdAt: toInstant(row.created_at),
    updatedAt: toInstant(row.updated_at),
  };
}
