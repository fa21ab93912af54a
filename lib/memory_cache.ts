import type { Clock } from "./time.ts";

/** What one isolate remembers: bounded, least recently written first out, one load at a time per key. */
export interface MemoryCache {
  get<T>(key: string): T | undefined;
  set<T>(key: string, value: T, keepMs: number): void;
  drop(key: string): void;
  /** Everybody who asks for `key` while it is being loaded gets the one load's answer. */
  once<T>(key: string, load: () => Promise<T>): Promise<T>;
}

export function createMemoryCache(now: Clock, entriesMax: number): MemoryCache {
  const entries = new Map<string, { value: unknown; untilMs: number }>();
  const loads = new Map<string, Promise<unknown>>();

  return {
    get<T>(key: string): T | undefined {
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      if (entry.untilMs > now()) return entry.value as T;
      entries.delete(key);
      return undefined;
    },
    set(key, value, keepMs) {
      // Deleting first moves the key to the young end of the map's order.
      entries.delete(key);
      entries.set(key, { value, untilMs: now() + keepMs });
      if (entries.size > entriesMax) entries.delete(entries.keys().next().value!);
    },
    drop(key) {
      entries.delete(key);
    },
    once<T>(key: string, load: () => Promise<T>): Promise<T> {
      const running = loads.get(key) as Promise<T> | undefined;
      if (running) return running;
      const started = load().finally(() => loads.delete(key));
      loads.set(key, started);
      return started;
    },
  };
}
