import { type Fetch, type OutsideAnswer, requestOutside } from "../../../../lib/http_client.ts";
import { type EpochMs, secondMs } from "../../../../lib/time.ts";
import type { Interval } from "../../ports.ts";
import type { Settings } from "./mod.ts";

/** A week of minutes has 2,730 bars of 90 bytes; sixty years of days have 15,000. */
const answerLimitBytes = 8 * 1024 * 1024;

export type ChartQuery =
  | { interval: Interval; range: "1d" }
  | { interval: Interval; fromMs: EpochMs; toMs: EpochMs };

/** GET /v8/finance/chart/{symbol}. Throws OutsideFailure. */
export function fetchChart(
  { baseUrl, userAgent, deadlineMs }: Settings,
  fetcher: Fetch,
  symbol: string,
  query: ChartQuery,
  signal: AbortSignal,
): Promise<OutsideAnswer> {
  const url = new URL(`/v8/finance/chart/${encodeURIComponent(symbol)}`, baseUrl);
  url.search = new URLSearchParams({
    interval: query.interval,
    events: "div,split",
    ...("range" in query ? { range: query.range } : {
      period1: String(Math.floor(query.fromMs / secondMs)),
      period2: String(Math.ceil(query.toMs / secondMs)),
    }),
  }).toString();
  return requestOutside(fetcher, {
    vendor: "yahoo",
    url,
    headers: { "accept": "application/json", "user-agent": userAgent },
    deadlineMs,
    bodyLimitBytes: answerLimitBytes,
    signal,
  });
}
