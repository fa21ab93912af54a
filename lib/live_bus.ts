import type { Log } from "./log.ts";
import type { RedisStore } from "./redis.ts";

/** Where a verb puts what open sockets should hear; every isolate listens and hands it to its own sockets. */
export interface LiveBus {
  /**
   * Sends `data` to everybody who listens to `channel` (`inbox:<userId>`, `simulations:<id>`). Best effort: what
   * must not be lost is a row, and a client that reconnects reads the rows.
   */
  publish(channel: string, data: unknown): Promise<void>;
  /** Calls `hear` for each frame of `channel` that reaches this isolate; the returned function ends it. */
  listen(channel: string, hear: (data: string) => void): () => void;
  /** Resolves once nothing that is published from now on is missed by who listens here; after a second in any case. */
  ready(): Promise<void>;
  close(): void;
}

const prefix = "live:";
const usualBeatMs = 3_000;
const readyMaxMs = 1_000;

/** One subscription per isolate, opened with the first listener and ended with the last. */
export function createLiveBus(redis: RedisStore, log: Log, beatMs = usualBeatMs): LiveBus {
  const listeners = new Map<string, Set<(data: string) => void>>();
  let unsubscribe: (() => void) | undefined;
  let opened = Promise.withResolvers<void>();

  function dispatch(channel: string, data: string) {
    for (const hear of listeners.get(channel) ?? []) hear(data);
  }

  function close() {
    unsubscribe?.();
    unsubscribe = undefined;
    opened = Promise.withResolvers<void>();
  }

  return {
    async publish(channel, data) {
      const text = JSON.stringify(data);
      const reached = await redis.attempt((client) => client.publish(prefix + channel, text));
      if (reached !== undefined) return;
      // With Redis away the sockets of this isolate, at least, still hear it.
      log.warn("live frame stayed local", { channel });
      dispatch(channel, text);
    },
    listen(channel, hear) {
      const heard = listeners.get(channel) ?? new Set();
      listeners.set(channel, heard.add(hear));
      const onOpen = opened.resolve;
      unsubscribe ??= keepSubscribed({ redis, log, beatMs, hear: dispatch, onOpen });
      return () => {
        heard.delete(hear);
        if (heard.size === 0) listeners.delete(channel);
        if (listeners.size === 0) close();
      };
    },
    async ready() {
      const late = Promise.withResolvers<void>();
      const timer = setTimeout(late.resolve, readyMaxMs);
      await Promise.race([opened.promise, late.promise]);
      clearTimeout(timer);
    },
    close,
  };
}

interface SubscriptionOptions {
  redis: RedisStore;
  log: Log;
  beatMs: number;
  hear(channel: string, data: string): void;
  onOpen(): void;
}

/**
 * A subscription that stays. The SDK does not tell when its stream has ended or only fallen silent, so whoever hears
 * nothing for a beat sends something himself, and subscribes anew where he does not hear that either.
 */
function keepSubscribed({ redis, log, beatMs, hear, onOpen }: SubscriptionOptions): () => void {
  let heard = true;
  let asked = false;
  const subscribe = () =>
    redis.subscribe(`${prefix}*`, (name, text) => {
      heard = true;
      hear(name.slice(prefix.length), text);
    }, onOpen);
  let unsubscribe = subscribe();

  function beat() {
    if (!heard && asked) {
      log.warn("live subscription renewed");
      unsubscribe();
      unsubscribe = subscribe();
    }
    asked = !heard && !asked;
    if (asked) void redis.attempt((client) => client.publish(`${prefix}beat`, "{}"));
    heard = false;
  }

  const timer = setInterval(beat, beatMs);
  return () => {
    clearInterval(timer);
    unsubscribe();
  };
}
