import * as z from "zod";
import { type Fetch, OutsideFailure } from "../../../../lib/http_client.ts";
import { type Clock, dayMs, minuteMs, systemClock } from "../../../../lib/time.ts";
import { type BarRange, ProviderFailure, type QuoteProvider } from "../../ports.ts";
import { type ChartQuery, fetchChart } from "./client.ts";
import { toActions, toBars, toFailureWithoutAnswer, toQuote } from "./map.ts";

export const name = "yahoo";

export const settings = z.object({
  baseUrl: z.url().default("https://query1.finance.yahoo.com"),
  /** Yahoo answers 429 to programs that say what they are. */
  userAgent: z.string().min(1).default("Mozilla/5.0 (X11; Linux x86_64)"),
  deadlineMs: z.int().positive().max(minuteMs).default(5_000),
});

export type Settings = z.output<typeof settings>;

/** What Yahoo's own symbols are made of: ^GSPC, BRK-B, EURUSD=X, VOD.L. */
const symbolPattern = /^[\^A-Z0-9][A-Z0-9.=-]{0,31}$/;

/** Yahoo's chart, which needs neither key nor crumb. Unofficial and unpromised: prices may be delayed. */
export function create(
  settings: Settings,
  fetcher: Fetch = fetch,
  now: Clock = systemClock,
): QuoteProvider {
  async function ask(symbol: string, query: ChartQuery, signal: AbortSignal) {
    if (!symbolPattern.test(symbol)) throw new ProviderFailure(name, "unknown_symbol", symbol);
    try {
      return await fetchChart(settings, fetcher, symbol, query, signal);
    } catch (error) {
      signal.throwIfAborted();
      throw error instanceof OutsideFailure ? toFailureWithoutAnswer(error) : error;
    }
  }

  return {
    name,
    synthetic: false,
    async quote(symbol, { signal }) {
      // One day as a chart: only then is its "previous close" the one before the price.
      const answer = await ask(symbol, { interval: "1d", range: "1d" }, signal);
      return toQuote(answer, symbol, now());
    },
    async bars(symbol, range) {
      const answer = await ask(symbol, toQuery(range), range.signal);
      return toBars(answer, symbol, range, now());
    },
    async actions(symbol, range) {
      const answer = await ask(symbol, toQuery({ ...range, interval: "1d" }), range.signal);
      return toActions(answer, symbol, range, now());
    },
  };
}

/** A day more on both sides where bars are days: Yahoo stamps them with the opening bell, we with midnight UTC. */
function toQuery({ interval, from, to }: Omit<BarRange, "signal">): ChartQuery {
  const marginMs = interval === "1d" ? dayMs : 0;
  return { interval, fromMs: from - marginMs, toMs: to + marginMs };
}
