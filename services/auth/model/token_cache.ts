import type { EpochMs } from "../../../lib/time.ts";

/** What is remembered of access tokens by their digests: what they are good for, or that they are good for nothing. */
export interface TokenCache<Checked> {
  get(digest: string, nowMs: EpochMs): Checked | "refused" | undefined;
  accept(digest: string, checked: Checked, untilMs: EpochMs): void;
  refuse(digest: string, untilMs: EpochMs): void;
}

/**
 * Two lists, each of at most `entriesMax` with the least recently used first out, so that a flood of bad tokens does
 * not push out those of people.
 */
export function createTokenCache<Checked>(entriesMax: number): TokenCache<Checked> {
  const accepted = new Map<string, { checked: Checked; untilMs: EpochMs }>();
  const refused = new Map<string, { untilMs: EpochMs }>();
  return {
    get(digest, nowMs) {
      const known = accepted.get(digest);
      if (known !== undefined) {
        // Taking it out and putting it back makes it the youngest in the map's order.
        accepted.delete(digest);
        if (known.untilMs <= nowMs) return undefined;
        accepted.set(digest, known);
        return known.checked;
      }
      const bad = refused.get(digest);
      return bad !== undefined && bad.untilMs > nowMs ? "refused" : undefined;
    },
    accept: (digest, checked, untilMs) => put(accepted, digest, { checked, untilMs }, entriesMax),
    refuse: (digest, untilMs) => put(refused, digest, { untilMs }, entriesMax),
  };
}

function put<Value>(entries: Map<string, Value>, key: string, value: Value, entriesMax: number) {
  entries.delete(key);
  entries.set(key, value);
  if (entries.size <= entriesMax) return;
  const oldest = entries.keys().next();
  if (!oldest.done) entries.delete(oldest.value);
}
