import { createHash, timingSafeEqual } from "node:crypto";
import { SignJWT } from "jose";
import { toInstant } from "../../lib/time.ts";
import type { Needs } from "../ctx.ts";
import { formatRefreshToken, parseRefreshToken, refreshTokenHead } from "./model/refresh_token.ts";
import { permissionsOf } from "./model/roles.ts";
import type { KeyRing, Tokens, User } from "./schema.ts";
import type { UserRow } from "./store.ts";

export const accessTokenSeconds = 900;
export const audience = "almanac";
/** RFC 9068: so that no other kind of JWT passes for an access token. */
export const tokenType = "at+jwt";
export const algorithm = "RS256";

/** Somebody who has proven who they are, and the refresh token that they may have. */
export interface SignedIn {
  user: UserRow;
  sessionId: string;
  n: number;
  /** How they proved it (RFC 8176). */
  amr: string[];
}

/** Makes both tokens. Outside of any transaction: signing takes five milliseconds. */
export async function issueTokens(
  ctx: Needs<"keys" | "newId" | "now" | "settings">,
  { user, sessionId, n, amr }: SignedIn,
): Promise<Tokens> {
  const key = await ctx.keys.current();
  const view = toUser(user);
  const issuedAt = Math.floor(ctx.now() / 1_000);
  const accessToken = await new SignJWT({
    sid: sessionId,
    role: view.role,
    perms: view.permissions,
    amr,
  })
    .setProtectedHeader({ alg: algorithm, typ: tokenType, kid: key.id })
    .setIssuer(ctx.settings.publicUrl)
    .setAudience(audience)
    .setSubject(user.id)
    .setJti(ctx.newId())
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + accessTokenSeconds)
    .sign(key.privateKey);
  return {
    accessToken,
    refreshToken: await refreshTokenOf(ctx.keys, sessionId, n),
    tokenType: "Bearer",
    expiresIn: accessTokenSeconds,
    user: view,
  };
}

/** Token n of a session: always the same one. */
export async function refreshTokenOf(
  keys: KeyRing,
  sessionId: string,
  n: number,
): Promise<string> {
  const mac = await keys.codeOver(refreshTokenHead(sessionId, n));
  return formatRefreshToken({ sessionId, n, mac });
}

/** Which token of which session it is; undefined for one that we have not made. */
export async function readRefreshToken(
  keys: KeyRing,
  text: string,
): Promise<{ sessionId: string; n: number } | undefined> {
  const token = parseRefreshToken(text);
  if (token === undefined) return undefined;
  const expected = await keys.codeOver(refreshTokenHead(token.sessionId, token.n));
  return timingSafeEqual(expected, token.mac) ? token : undefined;
}

/** As a refresh token is stored. */
export function hashToken(text: string): Uint8Array {
  return new Uint8Array(createHash("sha256").update(text).digest());
}

/** A person as the API shows them. */
export function toUser(row: UserRow): User {
  return {
    id: row.id,
    email: row.email,
    name: row.name,
    role: row.role,
    permissions: permissionsOf(row.role, row.permissions),
    emailVerified: row.email_verified_at !== null,
    timeZone: row.time_zone,
    locale: row.locale,
    createdAt: toInstant(row.created_at),
  };
}
