import type { Database } from "../../lib/database.ts";
import type { Log } from "../../lib/log.ts";
import type { RandomBytes } from "../../lib/random.ts";
import type { RedisStore } from "../../lib/redis.ts";
import type { Clock } from "../../lib/time.ts";
import type { Settings } from "../../config.ts";
import { createKeyUses } from "./create_key_uses.ts";
import type { KeyChest } from "./keychest.ts";
import type { Argon2Cost } from "./model/phc.ts";
import { createTokenCache } from "./model/token_cache.ts";
import { createRevocations } from "./revocations.ts";
import type { CheckedToken, KeyRing } from "./schema.ts";

export interface KeyRingOptions {
  settings: Pick<Settings, "appSecret" | "limitSignIn" | "limitRefresh">;
  database: Database;
  redis: RedisStore;
  log: Log;
  now: Clock;
  random: RandomBytes;
  /** What a password's hash costs; only tests have reason to say something else. */
  passwordCost?: Argon2Cost;
}

const tokensMax = 10_000;

/**
 * What one process holds for signing people in. At hand is what every request needs: the tokens seen lately, and
 * whose sign-in has ended. The rest is in a chest that is loaded when it is first opened.
 */
export function createKeyRing(options: KeyRingOptions): KeyRing {
  const revocations = createRevocations(options);
  const keyUses = createKeyUses(options);
  let loading: Promise<KeyChest> | undefined;
  const chest = () =>
    loading ??= import("./keychest.ts").then(({ createKeyChest }) => createKeyChest(options));

  return {
    current: async () => (await chest()).current(),
    publicKey: async (id) => (await chest()).publicKey(id),
    published: async () => (await chest()).published(),
    prepare: async () => (await chest()).prepare(),
    reload: async () => (await chest()).reload(),
    makeNext: async () => (await chest()).makeNext(),
    codeOver: async (head) => (await chest()).codeOver(head),
    tries: async () => (await chest()).tries(),
    passwords: async () => (await chest()).passwords(),
    cursors: async () => (await chest()).cursors(),
    tokens: createTokenCache<CheckedToken>(tokensMax),
    revocations,
    keyUses,
    async close() {
      await Promise.all([
        revocations.close(),
        keyUses.close(),
        loading?.then((opened) => opened.close()),
      ]);
    },
  };
}
