import { createExactCounter, type ExactCounter } from "../../lib/rate_limit/exact_counter.ts";
import { uuidv7Maker } from "../../lib/ids.ts";
import type { Quota } from "../../lib/rate_limit/quota.ts";
import type { KeyRingOptions } from "./create_key_ring.ts";
import { deriveKey, macOf } from "./secrets.ts";

const codeBytes = 16;

/** How often somebody may try to sign in, and how often a session may be refreshed. */
export interface Tries {
  quota: Quota;
  signIn: ExactCounter;
  refresh: ExactCounter;
  /** What an account is counted under, known or not: a keyed hash, since neither Redis nor a log needs the address. */
  subjectOf(email: string): string;
}

export function createTries(options: KeyRingOptions): Tries {
  const { settings } = options;
  const newId = uuidv7Maker(options.now, options.random);
  let key: Uint8Array | undefined;
  const quota = { name: "sign-in", ...settings.limitSignIn };
  const refresh = { name: "refresh", ...settings.limitRefresh };
  return {
    quota,
    signIn: createExactCounter({ ...options, newId, quota }),
    refresh: createExactCounter({ ...options, newId, quota: refresh }),
    subjectOf(email) {
      key ??= deriveKey(settings.appSecret, "tries");
      const code = macOf(key, email.trim().toLowerCase()).subarray(0, codeBytes);
      return Array.from(code, (byte) => byte.toString(16).padStart(2, "0")).join("");
    },
  };
}
