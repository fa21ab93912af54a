import { calculateJwkThumbprint, exportJWK, type JWK } from "jose";
import type { RandomBytes } from "../../lib/random.ts";
import type { PublicJwk } from "./schema.ts";
import { seal, unseal } from "./secrets.ts";

// ASVS 5.0, V11.2.3: 128 bits of strength, which RSA reaches with 3,072.
const algorithm = {
  name: "RSASSA-PKCS1-v1_5",
  modulusLength: 3_072,
  publicExponent: new Uint8Array([1, 0, 1]),
  hash: "SHA-256",
};

/** A signing key as it is stored: the private half is encrypted and bound to its id. */
export interface SealedKey {
  id: string;
  publicJwk: PublicJwk;
  privateJwkEncrypted: Uint8Array;
}

/**
 * Makes a key pair for RS256, which takes a second of computing beside the event loop. Its id is its thumbprint
 * (RFC 7638), so that no other key can go by it.
 */
export async function generateSigningKey(
  sealingKey: Uint8Array<ArrayBuffer>,
  random: RandomBytes,
): Promise<SealedKey> {
  const pair = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const { kty = "RSA", n, e } = await exportJWK(pair.publicKey);
  const id = await calculateJwkThumbprint({ kty, n, e });
  const privateJwk = JSON.stringify(await exportJWK(pair.privateKey));
  return {
    id,
    publicJwk: { kty, n, e, kid: id, alg: "RS256", use: "sig" },
    privateJwkEncrypted: await seal(sealingKey, privateJwk, id, random),
  };
}

/** The private key, ready to sign with and not to be taken out of the process. */
export async function openSigningKey(
  sealingKey: Uint8Array<ArrayBuffer>,
  key: SealedKey,
): Promise<CryptoKey> {
  const jwk = JSON.parse(await unseal(sealingKey, key.privateJwkEncrypted, key.id)) as JWK;
  return await crypto.subtle.importKey("jwk", jwk as JsonWebKey, algorithm, false, ["sign"]);
}

/** The public key, ready to verify with. */
export async function importPublicKey(jwk: PublicJwk): Promise<CryptoKey> {
  return await crypto.subtle.importKey("jwk", jwk as JsonWebKey, algorithm, false, ["verify"]);
}
