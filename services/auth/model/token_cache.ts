import type { EpochMs } from "../../../lib/time.ts";

/** What is remembered of access tokens by their text: what they are good for, or that they are good for nothing. */
export interface TokenCache<Checked> {
  get(token: string, nowMs: EpochMs): Checked | "refused" | undefined;
  accept(token: string, checked: Checked, untilMs: EpochMs): void;
  refuse(token: string, untilMs: EpochMs): void;
}

/** Tokens are looked up by the end of their signatures, of which no two are alike, and then compared as a whole. */
const keyLength = 43;
const keyOf = (token: string) => token.slice(-keyLength);

/**
 * Two lists, each of at most `entriesMax` with the least recently used first out, so that a flood of bad tokens does
 * not push out those of people.
 */
export function createTokenCache<Checked>(entriesMax: number): TokenCache<Checked> {
  const accepted = new Map<string, { token: string; checked: Checked; untilMs: EpochMs }>();
  const refused = new Map<string, { token: string; untilMs: EpochMs }>();
  return {
    get(token, nowMs) {
      const key = keyOf(token);
      const known = accepted.get(key);
      if (known?.token === token) {
        // Taking it out and putting it back makes it the youngest in the map's order.
        accepted.delete(key);
        if (known.untilMs <= nowMs) return undefined;
        accepted.set(key, known);
        return known.checked;
      }
      const bad = refused.get(key);
      return bad?.token === token && bad.untilMs > nowMs ? "refused" : undefined;
    },
    accept: (token, checked, untilMs) =>
      put(accepted, keyOf(token), { token, checked, untilMs }, entriesMax),
    refuse: (token, untilMs) => put(refused, keyOf(token), { token, untilMs }, entriesMax),
  };
}

function put<Value>(entries: Map<string, Value>, key: string, value: Value, entriesMax: number) {
  entries.delete(key);
  entries.set(key, value);
  if (entries.size <= entriesMax) return;
  const oldest = entries.keys().next();
  if (!oldest.done) entries.delete(oldest.value);
}
