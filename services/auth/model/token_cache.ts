import type { EpochMs } from "../../../lib/time.ts";

/** What is remembered of access tokens by their text: what they are good for, or that they are good for nothing. */
export interface TokenCache<Checked> {
  get(token: string, nowMs: EpochMs): Checked | "refused" | undefined;
  accept(token: string, checked: Checked, untilMs: EpochMs): void;
  refuse(token: string, untilMs: EpochMs): void;
}

/**
 * Two lists, each of at most `entriesMax` with the least recently used first out, so that a flood of bad tokens does
 * not push out those of people.
 */
export function createTokenCache<Checked>(entriesMax: number): TokenCache<Checked> {
  const accepted = new Map<string, { checked: Checked; untilMs: EpochMs }>();
  const refused = new Map<string, { untilMs: EpochMs }>();
  return {
    get(token, nowMs) {
      const known = accepted.get(token);
      if (known !== undefined) {
        // Taking it out and putting it back makes it the youngest in the map's order.
        accepted.delete(token);
        if (known.untilMs <= nowMs) return undefined;
        accepted.set(token, known);
        return known.checked;
      }
      const bad = refused.get(token);
      return bad !== undefined && bad.untilMs > nowMs ? "refused" : undefined;
    },
    accept: (token, checked, untilMs) => put(accepted, token, { checked, untilMs }, entriesMax),
    refuse: (token, untilMs) => put(refused, token, { untilMs }, entriesMax),
  };
}

function put<Value>(entries: Map<string, Value>, key: string, value: Value, entriesMax: number) {
  entries.delete(key);
  entries.set(key, value);
  if (entries.size <= entriesMax) return;
  const oldest = entries.keys().next();
  if (!oldest.done) entries.delete(oldest.value);
}
