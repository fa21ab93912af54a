const curve = { name: "ECDSA", namedCurve: "P-256" };
const scalarBytes = 32;
/** PKCS#8 (RFC 5958) of a P-256 key up to its 32 secret bytes; the public half may be left out (RFC 5915). */
const pkcs8Head = "3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420";

export interface Signer {
  /** Base64 SPKI. */
  publicKey: string;
  /** Base64 DER over the timestamp's text and the raw body, as the signed event webhook has it. */
  sign(timestamp: string, rawBody: string | Uint8Array): Promise<string>;
}

/** Signs with the given key, or with a new one. */
export async function createSigner(privateKeyBase64?: string): Promise<Signer> {
  const bytes = privateKeyBase64 ? Uint8Array.fromBase64(privateKeyBase64) : newPrivateKey();
  const key = await crypto.subtle.importKey("pkcs8", bytes, curve, true, ["sign"]);
  return {
    publicKey: await toPublicKey(key),
    async sign(timestamp, rawBody) {
      const data = await new Blob([timestamp, rawBody as BlobPart]).bytes();
      const algorithm = { name: "ECDSA", hash: "SHA-256" };
      return toDer(new Uint8Array(await crypto.subtle.sign(algorithm, key, data))).toBase64();
    },
  };
}

/** Importing random bytes takes 3 ms where the first `generateKey` takes 40: it decides how soon this can start. */
function newPrivateKey(): Uint8Array<ArrayBuffer> {
  const head = Uint8Array.fromHex(pkcs8Head);
  const bytes = new Uint8Array(head.length + scalarBytes);
  bytes.set(head);
  crypto.getRandomValues(bytes.subarray(head.length));
  return bytes;
}

async function toPublicKey(privateKey: CryptoKey): Promise<string> {
  const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", privateKey);
  const key = await crypto.subtle.importKey("jwk", { kty, crv, x, y }, curve, true, ["verify"]);
  return new Uint8Array(await crypto.subtle.exportKey("spki", key)).toBase64();
}

/** r and s side by side become SEQUENCE { r INTEGER, s INTEGER }. */
function toDer(raw: Uint8Array): Uint8Array {
  const parts = [
    ...toInteger(raw.subarray(0, scalarBytes)),
    ...toInteger(raw.subarray(scalarBytes)),
  ];
  return Uint8Array.of(0x30, parts.length, ...parts);
}

function toInteger(scalar: Uint8Array): number[] {
  const digits = [...scalar];
  while (digits.length > 1 && digits[0] === 0) digits.shift();
  // A high first bit would mean a negative number.
  if ((digits[0] ?? 0) >= 0x80) digits.unshift(0);
  return [0x02, digits.length, ...digits];
}
