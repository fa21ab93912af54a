import { createHash } from "node:crypto";
import { SignJWT } from "jose";

/** What QStash signs of a message, changed where a test wants it wrong. */
export interface Signing {
  key: string;
  /** The address that the token is for; usually the one that it is sent to. */
  subject?: string;
  /** The body that the token is for. */
  signedBody?: string;
  issuer?: string;
  issuedAtMs?: number;
  lifeSeconds?: number;
}

/** A token as QStash makes it: HS256 over where the message goes and the hash of its body, good for five minutes. */
export async function signDelivery(url: string, body: string, signing: Signing): Promise<string> {
  const { key, subject = url, signedBody = body, issuer = "Upstash" } = signing;
  const issuedAt = Math.floor((signing.issuedAtMs ?? Date.now()) / 1_000);
  const hash = createHash("sha256").update(signedBody).digest("base64url");
  return await new SignJWT({ body: hash })
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .setIssuer(issuer)
    .setSubject(subject)
    .setIssuedAt(issuedAt)
    .setNotBefore(issuedAt)
    .setExpirationTime(issuedAt + (signing.lifeSeconds ?? 300))
    .setJti(`jwt_${crypto.randomUUID()}`)
    .sign(new TextEncoder().encode(key));
}

export interface Delivered {
  status: number;
  code?: string;
  outcome?: string;
  headers: Headers;
  text: string;
}

/** Anything that takes a request: a door, an app, or the network. */
export type Taker = (request: Request) => Response | Promise<Response>;

export interface DeliveryOptions extends Partial<Signing> {
  key: string;
  messageId?: string;
  /** In place of the signature that the rest describes; null for none. */
  signature?: string | null;
}

/** Sends one message as QStash does and reads what comes back. */
export async function deliver(
  taker: Taker,
  url: string,
  body: unknown,
  options: DeliveryOptions,
): Promise<Delivered> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const signature = options.signature === undefined
    ? await signDelivery(url, text, options)
    : options.signature;
  const response = await taker(
    new Request(url, {
      method: "POST",
      body: text,
      headers: {
        "content-type": "application/json",
        "upstash-message-id": options.messageId ?? `msg_${crypto.randomUUID()}`,
        "upstash-retried": "0",
        ...(signature === null ? {} : { "upstash-signature": signature }),
      },
    }),
  );
  const answer = await response.text();
  const { status, headers } = response;
  return { ...JSON.parse(answer), status, headers, text: answer };
}
