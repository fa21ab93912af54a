import * as z from "zod";
import { ChosenId } from "../../lib/chosen_id.ts";
import { isSymbol } from "../market_data/mod.ts";

const symbolsMax = 100;
export const positionMax = 1_000_000;

const Name = z.string().trim().min(1, "must not be empty").max(100);

const Symbols = z.array(z.string().refine(isSymbol, "must be a symbol such as AAPL or BTC-USD"))
  .max(symbolsMax, `are ${symbolsMax} at most`)
  .superRefine((symbols, context) => {
    // What is stored is what was sent, so that a repetition is told and not mended.
    symbols.forEach((symbol, at) => {
      if (symbols.indexOf(symbol) === at) return;
      context.addIssue({ code: "custom", path: [at], message: "is in the list already" });
    });
  });

const Position = z.int().min(0).max(positionMax);

/** What of a watchlist a person sets, and may change later. */
export const WatchlistSettings = z.strictObject({
  name: Name,
  symbols: Symbols.default([]).meta({ description: "In the order in which you want to see them." }),
  position: Position.nullable().default(null).meta({
    description: "Lists are shown by it, the smallest first. Left out or null: after the others.",
  }),
});
export type WatchlistSettings = z.infer<typeof WatchlistSettings>;

/** A new watchlist; a phone may choose the id, so that it can repeat itself. */
export const WatchlistInput = WatchlistSettings.extend({
  id: ChosenId.optional(),
}).meta({
  id: "WatchlistInput",
  example: { name: "Technology", symbols: ["AAPL", "MSFT", "BTC-USD"] },
});
export type WatchlistInput = z.infer<typeof WatchlistInput>;

/** RFC 7396: what is named replaces, null takes back to the default. Checked as a whole after it is merged. */
export const WatchlistPatch = z.record(z.string().max(40), z.unknown()).meta({
  id: "WatchlistPatch",
  description: "A JSON merge patch (RFC 7396) of name, symbols and position.",
  example: { symbols: ["AAPL", "MSFT"] },
});
export type WatchlistPatch = z.infer<typeof WatchlistPatch>;

export const Watchlist = z.object({
  id: z.uuid(),
  version: z.int(),
  name: z.string(),
  symbols: z.array(z.string()),
  position: z.int(),
  createdAt: z.string(),
  updatedAt: z.string(),
}).meta({
  id: "Watchlist",
  example: {
    id: "0190d7a4-8f00-7000-8000-000000000003",
    version: 1,
    name: "Technology",
    symbols: ["AAPL", "MSFT", "BTC-USD"],
    position: 0,
    createdAt: "2026-01-31T09:30:00.000Z",
    updatedAt: "2026-01-31T09:30:00.000Z",
  },
});
export type Watchlist = z.infer<typeof Watchlist>;

/** Where a page begins: behind the place of the last list of the one before. */
export interface Place {
  position: number;
  id: string;
}
