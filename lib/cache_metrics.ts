import { type Counter, metrics } from "./metrics.ts";

const reads = metrics.counter(
  "almanac_cache_reads_total",
  "Reads by the layer that answered. A load that many wait for counts once.",
  ["cache", "layer"],
);

/** Where a read found what it looked for. */
export interface CacheReads {
  memory: Counter;
  redis: Counter;
  /** Whoever has it in truth: Postgres, or a provider of prices. */
  owner: Counter;
}

/** The counters of one cache. */
export function cacheReads(cache: string): CacheReads {
  return {
    memory: reads(cache, "memory"),
    redis: reads(cache, "redis"),
    owner: reads(cache, "owner"),
  };
}
