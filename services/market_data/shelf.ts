import * as z from "zod";
import type { EpochMs } from "../../lib/time.ts";
import type { Needs } from "../ctx.ts";
import { Quote } from "./schema.ts";

/** What all isolates share in Redis about one symbol. */
export interface OnShelf {
  good: GoodQuote | undefined;
  unknown: boolean;
}

/** What a source said, and when. */
export interface GoodQuote {
  quote: Quote;
  fetchedAtMs: EpochMs;
}

/** Longer than it is live: over a long weekend and a day of trouble behind it, this is the last good quote. */
const goodSeconds = 5 * 86_400;
export const unknownSeconds = 30;

const Stored = z.object({ fetchedAtMs: z.number(), quote: Quote });

// The number is the version of what is stored, raised when older code could not read it.
const goodKey = (symbol: string) => `quote:1:${symbol}`;
const unknownKey = (symbol: string) => `quote:unknown:${symbol}`;

/** Undefined where Redis is away. */
export async function readShelf(
  ctx: Needs<"redis">,
  symbol: string,
): Promise<OnShelf | undefined> {
  const found = await ctx.redis.attempt((redis) =>
    redis.mget<(string | null)[]>(goodKey(symbol), unknownKey(symbol))
  );
  return found && { good: parseStored(found[0]), unknown: found[1] !== null };
}

/** Keeps a good quote for every isolate. */
export async function shelveQuote(ctx: Needs<"redis">, good: GoodQuote): Promise<void> {
  const value = JSON.stringify(good);
  await ctx.redis.attempt((redis) =>
    redis.set(goodKey(good.quote.symbol), value, { ex: goodSeconds })
  );
}

/** Keeps for half a minute that no source knows a symbol. */
export async function shelveUnknown(ctx: Needs<"redis">, symbol: string): Promise<void> {
  await ctx.redis.attempt((redis) => redis.set(unknownKey(symbol), "1", { ex: unknownSeconds }));
}

/** Whatever does not fit was written by other code than this, and counts as absent. */
function parseStored(text: string | null | undefined): GoodQuote | undefined {
  if (!text) return undefined;
  try {
    return Stored.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
