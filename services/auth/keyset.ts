import { timingSafeEqual } from "node:crypto";
import { base64url } from "jose";
import type { Secret } from "../../lib/secret.ts";
import type { RedisStore } from "../../lib/redis.ts";
import { minuteMs, secondMs, stopwatch } from "../../lib/time.ts";
import type { PublicJwk } from "./schema.ts";
import { deriveKey, macOf } from "./secrets.ts";
import { importPublicKey } from "./signing.ts";
import type { KeyState } from "./store.ts";

/** A public key, and which of the three it is. */
export interface PublishedKey {
  state: KeyState;
  publicJwk: PublicJwk;
}

/** The public keys as this process knows them. */
export interface KeySet {
  /** Every key, read at most five minutes ago. */
  list(): Promise<PublishedKey[]>;
  /** Undefined for an id that nobody knows. */
  find(id: string): Promise<CryptoKey | undefined>;
  /** Reads them from their owner, past Redis. */
  reload(): Promise<void>;
  close(): Promise<void>;
}

export interface KeySetOptions {
  appSecret: Secret;
  redis: RedisStore;
  /** Asks Postgres. */
  select(): Promise<PublishedKey[]>;
  onError(error: unknown): void;
}

interface Known {
  loadedMs: number;
  listed: PublishedKey[];
  byId: Map<string, CryptoKey>;
}

/** Memory and Redis may each be this old; a key is published for an hour before it signs. */
export const freshMs = 5 * minuteMs;
const unknownEveryMs = minuteMs;
const noKeysEveryMs = secondMs;

/** Memory, then Redis, then Postgres: a process that only verifies asks Postgres for nothing. */
export function createKeySet(options: KeySetOptions): KeySet {
  const keeper = createKeeper(options);
  const elapsedMs = stopwatch();
  const once = createOnce();
  let known: Known | undefined;
  let searchedMs = -Infinity;

  function load(from: "redis" | "owner"): Promise<Known> {
    return once(from, async () => {
      const loadedMs = elapsedMs();
      const kept = from === "redis" ? await keeper.read() : undefined;
      const listed = kept ?? await options.select();
      if (kept === undefined && listed.length > 0) await keeper.write(listed);
      const imported = listed.map(async ({ publicJwk }) =>
        [publicJwk.kid, await importPublicKey(publicJwk)] as const
      );
      return known = { loadedMs, listed, byId: new Map(await Promise.all(imported)) };
    });
  }

  /** Once a minute at most: a flood of made-up ids must not become one of queries. */
  async function search(id: string): Promise<CryptoKey | undefined> {
    const waitMs = known?.byId.size ? unknownEveryMs : noKeysEveryMs;
    if (elapsedMs() - searchedMs < waitMs) return undefined;
    searchedMs = elapsedMs();
    return (await load("owner")).byId.get(id);
  }

  const isFresh = ({ loadedMs }: Known) => elapsedMs() - loadedMs < freshMs;

  return {
    list: async () => (known && isFresh(known) ? known : await load("redis")).listed,
    async find(id) {
      const current = known ?? await load("redis");
      // What is known still serves while it is read again, so that nobody waits for that.
      if (!isFresh(current)) void load("redis").catch(options.onError);
      return current.byId.get(id) ?? await search(id);
    },
    reload: async () => void await load("owner"),
    close: () => once.settled(),
  };
}

const redisKey = "auth:keys";
const redisKeepSeconds = 300;

/**
 * The keys in Redis, with a code of ours: whoever could write there would otherwise have us believe tokens that they
 * signed.
 */
function createKeeper({ appSecret, redis }: KeySetOptions) {
  const codeKey = deriveKey(appSecret, "published keys");
  const codeOf = (document: string) => base64url.encode(macOf(codeKey, document));
  return {
    async read(): Promise<PublishedKey[] | undefined> {
      const text = await redis.attempt((client) => client.get<string>(redisKey));
      const [code = "", document = ""] = text?.split(" ", 2) ?? [];
      if (!isEqual(code, codeOf(document))) return undefined;
      return JSON.parse(new TextDecoder().decode(base64url.decode(document)));
    },
    async write(listed: PublishedKey[]): Promise<void> {
      const document = base64url.encode(JSON.stringify(listed));
      const text = `${codeOf(document)} ${document}`;
      await redis.attempt((client) => client.set(redisKey, text, { ex: redisKeepSeconds }));
    },
  };
}

function isEqual(a: string, b: string): boolean {
  const encoder = new TextEncoder();
  const [left, right] = [encoder.encode(a), encoder.encode(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

/** One run per name at a time: whoever asks meanwhile gets that run's outcome. */
export function createOnce() {
  const runs = new Map<string, Promise<unknown>>();
  function once<T>(name: string, work: () => Promise<T>): Promise<T> {
    const running = runs.get(name) as Promise<T> | undefined;
    if (running) return running;
    const started = work().finally(() => runs.delete(name));
    runs.set(name, started);
    return started;
  }
  const settled = async () => void await Promise.allSettled([...runs.values()]);
  return Object.assign(once, { settled });
}
