import { isFailure } from "../../lib/errors.ts";
import type { MemoryCache } from "../../lib/memory_cache.ts";
import { getQuote } from "./get_quote.ts";
import type { Needs } from "../ctx.ts";
import type { QuoteNeeds } from "./get_quote.ts";

type Hear = (data: string) => void;
type WatchNeeds = QuoteNeeds & Needs<"actor">;

interface Watch {
  hearers: Set<Hear>;
  timer: ReturnType<typeof setInterval>;
  etag: string;
}

const lookEveryMs = 1_000;

// One table of watches for each isolate's memory: several apps in one process must not hear each other.
const watchesOf = new WeakMap<MemoryCache, Map<string, Watch>>();

/**
 * Calls `hear` with the quote of `symbol` at once, and again whenever it has changed. The price is looked at once a
 * second however many listen, and no longer than somebody does.
 *
 * @returns what ends it
 */
export async function watchQuote(ctx: WatchNeeds, symbol: string, hear: Hear): Promise<() => void> {
  const first = await getQuote(ctx, symbol);
  hear(first.body);
  const watches = watchesOf.get(ctx.memory) ?? new Map<string, Watch>();
  watchesOf.set(ctx.memory, watches);
  const watch = watches.get(symbol) ?? start(ctx, symbol, first.etag);
  watches.set(symbol, watch);
  watch.hearers.add(hear);
  return () => {
    watch.hearers.delete(hear);
    if (watch.hearers.size > 0) return;
    clearInterval(watch.timer);
    if (watches.get(symbol) === watch) watches.delete(symbol);
  };
}

function start(ctx: WatchNeeds, symbol: string, etag: string): Watch {
  const watch: Watch = { hearers: new Set(), etag, timer: setInterval(look, lookEveryMs) };

  async function look() {
    try {
      const kept = await getQuote(ctx, symbol);
      if (kept.etag === watch.etag) return;
      watch.etag = kept.etag;
      for (const hear of watch.hearers) hear(kept.body);
    } catch (error) {
      // The next look may succeed; a source that is away is logged where it is asked. Nobody could catch this.
      if (!isFailure(error)) ctx.log.error("quote not watched", { symbol, error });
    }
  }
  return watch;
}
