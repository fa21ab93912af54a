import { type Clock, systemClock } from "../../../../lib/time.ts";
import { ProviderFailure, type QuoteProvider } from "../../ports.ts";
import { createDemoMarket, type Listing } from "./market.ts";

export const name = "demo";

/**
 * A market that needs no key and no network: sixty instruments, made up, the same in every process. Nothing splits or
 * pays dividends here, so that its bars are right under every adjustment.
 */
export function create(now: Clock = systemClock): QuoteProvider {
  const market = createDemoMarket();

  function find(symbol: string): Listing {
    const listing = market.get(symbol);
    if (listing === undefined) throw new ProviderFailure(name, "unknown_symbol", symbol);
    return listing;
  }

  return {
    name,
    synthetic: true,
    symbols: () => [...market.keys()],
    // deno-lint-ignore require-await
    async quote(symbol, { signal }) {
      signal.throwIfAborted();
      const quote = find(symbol).quoteAt(now());
      if (quote === undefined) {
        throw new ProviderFailure(name, "unavailable", "the demo market begins on 2015-01-02");
      }
      return { ...quote, source: name };
    },
    // deno-lint-ignore require-await
    async bars(symbol, { interval, from, to, signal }) {
      signal.throwIfAborted();
      const bars = find(symbol).barsBetween(interval, from, to, now());
      return bars.map((bar) => ({ ...bar, source: name }));
    },
    // deno-lint-ignore require-await
    async actions(symbol) {
      find(symbol);
      return [];
    },
  };
}
