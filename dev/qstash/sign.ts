import { createHash, createHmac } from "node:crypto";
import { randomText } from "./ids.ts";

const lifetimeSeconds = 300;

export interface SigningKeys {
  readonly current: string;
  readonly next: string;
  /** The next key becomes the current one, and a fresh one is next. */
  rotate(): void;
  /** The JWT of `Upstash-Signature` for a body as it is sent to `url`, made with the current key. */
  sign(url: string, body: Uint8Array, nowMs: number): string;
}

/** Keeps the pair of signing keys. Keys that are not given are random, in the real ones' form. */
export function createSigningKeys(current = newKey(), next = newKey()): SigningKeys {
  return {
    get current() {
      return current;
    },
    get next() {
      return next;
    },
    rotate() {
      current = next;
      next = newKey();
    },
    sign: (url, body, nowMs) => signToken(current, claimsOf(url, body, nowMs)),
  };
}

function newKey(): string {
  return `sig_${randomText(28)}`;
}

/** `nbf` is 0 since September 2024, so that a receiver's slow clock does no harm. */
function claimsOf(url: string, body: Uint8Array, nowMs: number) {
  const iat = Math.floor(nowMs / 1000);
  return {
    iss: "Upstash",
    sub: url,
    exp: iat + lifetimeSeconds,
    nbf: 0,
    iat,
    jti: `jwt_${randomText(28)}`,
    body: bodyHash(body),
  };
}

/** SHA-256 in the URL alphabet of base64 with its padding, as the documented example shows it. */
function bodyHash(body: Uint8Array): string {
  const base64 = createHash("sha256").update(body).digest("base64");
  return base64.replaceAll("+", "-").replaceAll("/", "_");
}

function signToken(key: string, claims: Record<string, unknown>): string {
  const signed = `${encode({ alg: "HS256", typ: "JWT" })}.${encode(claims)}`;
  return `${signed}.${createHmac("sha256", key).update(signed).digest("base64url")}`;
}

function encode(part: Record<string, unknown>): string {
  return new TextEncoder().encode(JSON.stringify(part)).toBase64({
    alphabet: "base64url",
    omitPadding: true,
  });
}
