import { createCursorSeal } from "../../lib/cursor.ts";
import { stopwatch } from "../../lib/time.ts";
import { inTransaction } from "../ctx.ts";
import { createKeySet, createOnce, freshMs } from "./keyset.ts";
import { passwordCost } from "./model/phc.ts";
import { createPasswordHasher } from "./passwords.ts";
import type { KeyRing, SigningKey } from "./schema.ts";
import type { KeyRingOptions } from "./create_key_ring.ts";
import { deriveKey, macOf } from "./secrets.ts";
import { generateSigningKey, openSigningKey, type SealedKey } from "./signing.ts";
import {
  insertSigningKey,
  type KeyState,
  lockSigningKeys,
  selectPublicKeys,
  selectSigningKey,
} from "./store.ts";

import { createTries } from "./tries.ts";

/** The part of a key ring that is heavy to load: what makes, opens and reads keys, and hashes passwords. */
export type KeyChest = Omit<KeyRing, "keyUses" | "revocations" | "tokens">;

/** Opens nothing and makes nothing until it is asked. */
export function createKeyChest(options: KeyRingOptions): KeyChest {
  const { settings: { appSecret }, random } = options;
  const codeKey = deriveKey(appSecret, "refresh tokens");
  const signing = createSigning(options);
  const tries = createTries(options);
  const cursorKey = deriveKey(appSecret, "cursors");
  const cursors = createCursorSeal((text) => macOf(cursorKey, text));
  const passwords = createPasswordHasher(random, options.passwordCost ?? passwordCost);
  const keySet = createKeySet({
    appSecret,
    redis: options.redis,
    select: signing.selectPublic,
    onError: (error) => options.log.warn("public keys not read", { error }),
  });

  async function prepare() {
    for (const state of ["current", "next"] as const) {
      const listed = await keySet.list();
      if (listed.some((key) => key.state === state)) continue;
      await signing.ensure(state);
      await keySet.reload();
    }
  }

  return {
    current: signing.current,
    publicKey: keySet.find,
    async published() {
      await prepare();
      return { keys: (await keySet.list()).map(({ publicJwk }) => publicJwk) };
    },
    prepare,
    async reload() {
      signing.forget();
      await keySet.reload();
    },
    makeNext: () => generateSigningKey(signing.sealingKey, random),
    codeOver: (head) => Promise.resolve(macOf(codeKey, head)),
    cursors: () => Promise.resolve(cursors),
    tries: () => Promise.resolve(tries),
    passwords: () => Promise.resolve(passwords),
    close: () => keySet.close(),
  };
}

/** The private side: the key that signs now, opened and kept in memory for as long as public keys are. */
function createSigning(options: KeyRingOptions) {
  const sealingKey = deriveKey(options.settings.appSecret, "signing keys");
  const system = { ...options, actor: { kind: "system", job: "signing_keys" } as const };
  const elapsedMs = stopwatch();
  const once = createOnce();
  let kept: { key: SigningKey; loadedMs: number } | undefined;

  /** Makes the key of that state where there is none. Of many processes at once one makes it, and the others wait. */
  function ensure(state: KeyState): Promise<SealedKey> {
    return once(state, () =>
      inTransaction(system, async ({ sql }) => {
        await lockSigningKeys(sql);
        const stored = await selectSigningKey(sql, state);
        if (stored) return stored;
        const made = await generateSigningKey(sealingKey, options.random);
        await insertSigningKey(sql, made, state, options.now());
        options.log.info("signing key made", { kid: made.id, state });
        return made;
      }));
  }

  async function open(): Promise<SigningKey> {
    const stored = await inTransaction(system, ({ sql }) => selectSigningKey(sql, "current"));
    const sealed = stored ?? await ensure("current");
    const key = { id: sealed.id, privateKey: await openSigningKey(sealingKey, sealed) };
    kept = { key, loadedMs: elapsedMs() };
    return key;
  }

  return {
    sealingKey,
    ensure,
    selectPublic: () => inTransaction(system, ({ sql }) => selectPublicKeys(sql)),
    async current() {
      if (kept && elapsedMs() - kept.loadedMs < freshMs) return kept.key;
      return await once("open", open);
    },
    forget() {
      kept = undefined;
    },
  };
}
