import { startYahoo } from "../../dev/vendors/yahoo.ts";
import * as demoProvider from "../../services/market_data/providers/demo/mod.ts";
import { create, settings } from "../../services/market_data/providers/yahoo/mod.ts";
import { type QuoteVendor, testQuoteProvider } from "./quote_provider.ts";

const yahoo: QuoteVendor = {
  name: "Yahoo",
  async start(nowMs) {
    const vendor = await startYahoo({ now: () => nowMs });
    const faults = {
      limited: { kind: "status", status: 429 },
      down: { kind: "status", status: 500 },
      silent: { kind: "timeout" },
      gone: { kind: "refuse" },
      html: { kind: "html" },
      cut: { kind: "truncate" },
      endless: { kind: "endless" },
      not_a_number: { kind: "nan" },
      negative: { kind: "negative" },
      zero: { kind: "zero" },
      other_symbol: { kind: "other_symbol" },
    } as const;
    return {
      provider: create(
        settings.parse({ baseUrl: vendor.url, deadlineMs: 400 }),
        fetch,
        () => nowMs,
      ),
      symbol: "AAPL",
      coin: "DOGE-USD",
      trouble: (kind) => vendor.setFault(kind && faults[kind]),
      stop: vendor.stop,
    };
  },
};

const demo: QuoteVendor = {
  name: "The demo market",
  start: (nowMs) =>
    Promise.resolve({
      provider: demoProvider.create(() => nowMs),
      symbol: "AAPL",
      coin: "BTC-USD",
      stop: () => Promise.resolve(),
    }),
};

for (const vendor of [yahoo, demo]) testQuoteProvider(vendor);
