import * as z from "zod";
import { AlertSummary } from "../alerts/mod.ts";
import { User } from "../auth/mod.ts";
import { Quote } from "../market_data/mod.ts";
import { InboxItem } from "../notifications/mod.ts";
import { planSummary } from "../plans/mod.ts";
import { Watchlist } from "../watchlists/mod.ts";

const PricedWatchlist = Watchlist.extend({
  quotes: z.array(z.object({
    symbol: z.string(),
    quote: Quote.nullable().meta({ description: "Null where it cannot be had now." }),
  })).meta({
    description: "Of the first symbols of the list; GET /v1/watchlists/:id/quotes has all.",
  }),
}).meta({ id: "PricedWatchlist" });
export type PricedWatchlist = z.infer<typeof PricedWatchlist>;

const hasMore = z.boolean().meta({ description: "Whether the list itself has more than this." });

/** What the first screen shows. A part that the caller may not read is left out; one that has nothing is empty. */
export const Home = z.object({
  person: User,
  watchlists: z.object({ items: z.array(PricedWatchlist), hasMore }).optional(),
  plans: z.object({ items: z.array(planSummary), hasMore }).optional(),
  inbox: z.object({ unread: z.int(), items: z.array(InboxItem), hasMore }).optional(),
  alerts: AlertSummary.optional(),
}).meta({ id: "Home", example: exampleHome() });
export type Home = z.infer<typeof Home>;

function exampleHome(): unknown {
  const at = "2026-01-31T09:30:00.000Z";
  const quote = {
    symbol: "AAPL",
    price: "189.98",
    previousClose: "188.14",
    change: "1.84",
    changePercent: 0.00978,
    volume: 52_000_000,
    currency: "USD",
    asOf: at,
    session: "regular",
    source: "demo",
    confidence: 0.5,
    stale: false,
    synthetic: true,
  };
  const quotes = [{ symbol: "AAPL", quote }, { symbol: "MSFT", quote: null }];
  const symbols = quotes.map(({ symbol }) => symbol);
  return {
    person: User.meta()?.example,
    watchlists: {
      items: [{ ...Watchlist.meta()?.example as Watchlist, symbols, quotes }],
      hasMore: false,
    },
    plans: { items: [planSummary.meta()?.example], hasMore: false },
    inbox: {
      unread: 1,
      items: [{
        id: "0190d7a4-8f00-7000-8000-000000000005",
        type: "plan_ready",
        title: "Retire at 65 is ready",
        body: "It works out in 81 % of all futures.",
        data: { planName: "Retire at 65", successPercent: 81 },
        createdAt: at,
        readAt: null,
        archivedAt: null,
      }],
      hasMore: false,
    },
    alerts: { active: 2, lastFired: [] },
  };
}
