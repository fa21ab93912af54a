import { createHmac, hkdfSync } from "node:crypto";
import { fail } from "../../lib/errors.ts";
import type { RandomBytes } from "../../lib/random.ts";
import type { Secret } from "../../lib/secret.ts";

const keyBytes = 32;
const ivBytes = 12;
// The first byte of what is sealed tells under which generation of keys.
const generation = 1;

/** A key for one purpose, derived from the application's secret by HKDF (RFC 5869): one purpose tells nothing of another. */
export function deriveKey(appSecret: Secret, purpose: string): Uint8Array<ArrayBuffer> {
  const info = `almanac/auth/${purpose}/v${generation}`;
  return new Uint8Array(hkdfSync("sha256", appSecret.reveal(), "", info, keyBytes));
}

/** HMAC-SHA-256. */
export function macOf(key: Uint8Array, message: Uint8Array | string): Uint8Array {
  return new Uint8Array(createHmac("sha256", key).update(message).digest());
}

/** AES-256-GCM under a fresh nonce: generation, nonce, ciphertext with tag. Opens only together with the same `about`. */
export async function seal(
  key: Uint8Array<ArrayBuffer>,
  text: string,
  about: string,
  random: RandomBytes,
): Promise<Uint8Array> {
  const iv = random(ivBytes);
  const secret = await crypto.subtle.encrypt(
    gcm(iv, about),
    await aesKey(key),
    new TextEncoder().encode(text),
  );
  const sealed = new Uint8Array(1 + ivBytes + secret.byteLength);
  sealed[0] = generation;
  sealed.set(iv, 1);
  sealed.set(new Uint8Array(secret), 1 + ivBytes);
  return sealed;
}

/** What `seal` closed. `internal` where it was sealed under another secret, for something else, or was changed. */
export async function unseal(
  key: Uint8Array<ArrayBuffer>,
  sealed: Uint8Array,
  about: string,
): Promise<string> {
  const bytes = new Uint8Array(sealed);
  try {
    const iv = bytes.slice(1, 1 + ivBytes);
    const secret = bytes.slice(1 + ivBytes);
    const text = await crypto.subtle.decrypt(gcm(iv, about), await aesKey(key), secret);
    return new TextDecoder().decode(text);
  } catch (cause) {
    return fail("internal", { cause });
  }
}

function gcm(iv: Uint8Array<ArrayBuffer>, about: string): AesGcmParams {
  return { name: "AES-GCM", iv, additionalData: new TextEncoder().encode(about) };
}

function aesKey(key: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", key, "AES-GCM", false, ["encrypt", "decrypt"]);
}
