export { changeWatchlist } from "./change_watchlist.ts";
export { createWatchlist } from "./create_watchlist.ts";
export { deleteWatchlist } from "./delete_watchlist.ts";
export { getWatchlist } from "./get_watchlist.ts";
export { getWatchlistQuotes } from "./get_watchlist_quotes.ts";
export { listWatchlists } from "./list_watchlists.ts";
export { Watchlist, WatchlistInput, WatchlistPatch } from "./schema.ts";
export { refuseUnknownSymbols } from "./refuse_unknown_symbols.ts";
