import { onConstraint, type Sql } from "../../lib/database.ts";
import type { EpochMs } from "../../lib/time.ts";
import type { Role } from "./model/roles.ts";
import type { Device, PublicJwk } from "./schema.ts";
import type { SealedKey } from "./signing.ts";

export interface UserRow {
  id: string;
  email: string;
  name: string;
  role: Role;
  permissions: string[];
  status: "active" | "locked" | "deleted";
  email_verified_at: Date | null;
  time_zone: string;
  locale: string;
  created_at: Date;
}

/** A person as sign-in sees them. */
export interface AccountRow extends UserRow {
  password_hash: string;
  failed_login_count: number;
  locked_until: Date | null;
}

export interface NewUser {
  id: string;
  email: string;
  name: string;
  passwordHash: string;
  timeZone: string;
  nowMs: EpochMs;
}

/** `email_taken` where somebody has the address, however it is spelt. */
export async function insertUser(sql: Sql, user: NewUser): Promise<UserRow> {
  const now = new Date(user.nowMs);
  const [row] = await sql<[UserRow]>`
    insert into users (id, email, name, password_hash, time_zone, password_changed_at, created_at)
    values (${user.id}, ${user.email}, ${user.name}, ${user.passwordHash}, ${user.timeZone}, ${now}, ${now})
    returning id, email, name, role, permissions, status, email_verified_at, time_zone, locale, created_at`
    .catch(onConstraint({ users_email_key: "email_taken" }));
  return row;
}

export async function selectUser(sql: Sql, id: string): Promise<UserRow | undefined> {
  const [row] = await sql<UserRow[]>`
    select id, email, name, role, permissions, status, email_verified_at, time_zone, locale, created_at
    from users where id = ${id} and status <> 'deleted'`;
  return row;
}

/** With whether they have signed in from there before; one statement, so that it takes as long for nobody. */
export async function selectAccount(
  sql: Sql,
  email: string,
  addressPrefix: string,
): Promise<AccountRow & { known_place: boolean } | undefined> {
  const [row] = await sql<(AccountRow & { known_place: boolean })[]>`
    select users.*, ${addressPrefix} <> '' and exists (
      select from sessions where user_id = users.id and address_prefix = ${addressPrefix}) as known_place
    from users where lower(email) = lower(${email})`;
  return row;
}

/** Holds the row until the transaction ends, so that tries at the same time are counted one after another. */
export async function lockAccount(sql: Sql, id: string): Promise<AccountRow | undefined> {
  const [row] = await sql<AccountRow[]>`select * from users where id = ${id} for update`;
  return row;
}

export async function updateFailures(
  sql: Sql,
  id: string,
  failures: number,
  lockedUntilMs: EpochMs | null,
): Promise<void> {
  const lockedUntil = lockedUntilMs === null ? null : new Date(lockedUntilMs);
  await sql`
    update users set failed_login_count = ${failures}, locked_until = ${lockedUntil} where id = ${id}`;
}

/** The same password under another cost: `password_changed_at` stays. */
export async function updatePasswordHash(sql: Sql, id: string, hash: string): Promise<void> {
  await sql`update users set password_hash = ${hash} where id = ${id}`;
}

/** Whether the person has signed in from there before. */
export async function hasSignedInFrom(
  sql: Sql,
  userId: string,
  addressPrefix: string,
): Promise<boolean> {
  const rows = await sql`
    select from sessions
    where user_id = ${userId} and address_prefix = ${addressPrefix} and address_prefix <> '' limit 1`;
  return rows.length === 1;
}

export interface NewSession {
  id: string;
  userId: string;
  tokenHash: Uint8Array;
  amr: string[];
  nowMs: EpochMs;
  expiresAtMs: EpochMs;
  addressPrefix: string;
  userAgent: string;
  device: Device | undefined;
}

export async function insertSession(sql: Sql, session: NewSession): Promise<void> {
  const now = new Date(session.nowMs);
  await sql`
    insert into sessions (id, user_id, token_hash, amr, created_at, last_used_at, expires_at, address_prefix,
                          user_agent, device)
    values (${session.id}, ${session.userId}, ${session.tokenHash}, ${session.amr}, ${now}, ${now},
            ${new Date(session.expiresAtMs)}, ${session.addressPrefix}, ${session.userAgent},
            ${session.device ? sql.json(session.device as never) : null})`;
}

export interface SessionRow {
  id: string;
  n: number;
  token_hash: Uint8Array;
  amr: string[];
  created_at: Date;
  expires_at: Date;
  revoked_at: Date | null;
}

/** Holds the session's row until the transaction ends: refreshes at the same time follow each other. */
export async function lockSession(
  sql: Sql,
  id: string,
): Promise<{ session: SessionRow; user: UserRow } | undefined> {
  const [session] = await sql<(SessionRow & { user_id: string })[]>`
    select id, user_id, n, token_hash, amr, created_at, expires_at, revoked_at
    from sessions where id = ${id} for update`;
  const user = session && await selectUser(sql, session.user_id);
  return user && { session, user };
}

export interface UsedSession {
  id: string;
  n: number;
  tokenHash: Uint8Array;
  nowMs: EpochMs;
  expiresAtMs: EpochMs;
}

export async function advanceSession(sql: Sql, used: UsedSession): Promise<void> {
  await sql`
    update sessions set n = ${used.n}, token_hash = ${used.tokenHash}, last_used_at = ${new Date(
    used.nowMs,
  )}, expires_at = ${new Date(used.expiresAtMs)}
    where id = ${used.id}`;
}

export type RevokeReason = "logged_out" | "logged_out_everywhere" | "reused" | "staff";

/** Ends one session; false where it had ended before, or is not one that the actor may see. */
export async function revokeSession(
  sql: Sql,
  id: string,
  reason: RevokeReason,
  nowMs: EpochMs,
): Promise<boolean> {
  const rows = await sql`
    update sessions set revoked_at = ${new Date(nowMs)}, revoke_reason = ${reason}
    where id = ${id} and revoked_at is null returning id`;
  return rows.length === 1;
}

/** Ends every session of a person and answers which. */
export async function revokeSessionsOf(
  sql: Sql,
  userId: string,
  reason: RevokeReason,
  nowMs: EpochMs,
): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    update sessions set revoked_at = ${new Date(nowMs)}, revoke_reason = ${reason}
    where user_id = ${userId} and revoked_at is null returning id`;
  return rows.map(({ id }) => id);
}

/** Sessions and API keys alike: ids tell them apart. */
export async function selectRevokedSince(
  sql: Sql,
  sinceMs: EpochMs,
): Promise<{ id: string; atMs: EpochMs }[]> {
  const since = new Date(sinceMs);
  const rows = await sql<{ id: string; revoked_at: Date }[]>`
    select id, revoked_at from sessions where revoked_at >= ${since}
    union all select id, revoked_at from api_keys where revoked_at >= ${since}`;
  return rows.map((row) => ({ id: row.id, atMs: row.revoked_at.getTime() }));
}

export type KeyState = "next" | "current" | "previous";

/** Whoever makes or rotates keys holds this until the transaction ends. */
export async function lockSigningKeys(sql: Sql): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended('signing_keys', 0))`;
}

export async function selectPublicKeys(
  sql: Sql,
): Promise<{ state: KeyState; publicJwk: PublicJwk }[]> {
  const rows = await sql<{ state: KeyState; public_jwk: PublicJwk }[]>`
    select state, public_jwk from signing_keys
    order by array_position(array['next', 'current', 'previous'], state)`;
  return rows.map((row) => ({ state: row.state, publicJwk: row.public_jwk }));
}

export async function selectSigningKey(
  sql: Sql,
  state: KeyState,
): Promise<SealedKey & { createdAtMs: EpochMs } | undefined> {
  const [row] = await sql<SigningKeyRow[]>`
    select id, public_jwk, private_jwk_encrypted, created_at from signing_keys where state = ${state}`;
  return row && {
    id: row.id,
    publicJwk: row.public_jwk,
    privateJwkEncrypted: row.private_jwk_encrypted,
    createdAtMs: row.created_at.getTime(),
  };
}

interface SigningKeyRow {
  id: string;
  public_jwk: PublicJwk;
  private_jwk_encrypted: Uint8Array;
  created_at: Date;
}

export async function insertSigningKey(
  sql: Sql,
  key: SealedKey,
  state: KeyState,
  nowMs: EpochMs,
): Promise<void> {
  const now = new Date(nowMs);
  await sql`
    insert into signing_keys (id, state, public_jwk, private_jwk_encrypted, created_at, activated_at)
    values (${key.id}, ${state}, ${sql.json(key.publicJwk as never)}, ${key.privateJwkEncrypted},
            ${now}, ${state === "current" ? now : null})`;
}

/** The next key becomes the current one, and the current one the previous. The order keeps each state to one key. */
export async function advanceSigningKeys(sql: Sql, nowMs: EpochMs): Promise<void> {
  await sql`delete from signing_keys where state = 'previous'`;
  await sql`update signing_keys set state = 'previous' where state = 'current'`;
  await sql`
    update signing_keys set state = 'current', activated_at = ${new Date(
    nowMs,
  )} where state = 'next'`;
}

export async function deleteSessionsEndedBefore(sql: Sql, beforeMs: number): Promise<number> {
  const before = new Date(beforeMs);
  const rows = await sql`
    delete from sessions where expires_at < ${before} or revoked_at < ${before} returning 1`;
  return rows.length;
}

/** An API key as its owner sees it. The digest is read by nobody; it is only looked for. */
export interface ApiKeyRow {
  id: string;
  name: string;
  prefix: string;
  scopes: string[];
  created_at: Date;
  expires_at: Date;
  last_used_at: Date | null;
  revoked_at: Date | null;
}

/** Holds other keys of the same person up until the transaction ends, so that the living ones can be counted. */
export async function lockApiKeysOf(sql: Sql, userId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`api_keys/${userId}`}, 0))`;
}

export async function countLivingApiKeys(
  sql: Sql,
  userId: string,
  nowMs: EpochMs,
): Promise<number> {
  const [row] = await sql<{ living: number }[]>`
    select count(*)::int as living from api_keys
    where user_id = ${userId} and revoked_at is null and expires_at > ${new Date(nowMs)}`;
  return row?.living ?? 0;
}

export interface NewApiKey {
  id: string;
  userId: string;
  name: string;
  prefix: string;
  digest: Uint8Array;
  scopes: string[];
  nowMs: EpochMs;
  expiresAtMs: EpochMs;
}

export async function insertApiKey(sql: Sql, key: NewApiKey): Promise<ApiKeyRow> {
  const [row] = await sql<[ApiKeyRow]>`
    insert into api_keys (id, user_id, name, prefix, digest, scopes, created_at, expires_at)
    values (${key.id}, ${key.userId}, ${key.name}, ${key.prefix}, ${key.digest}, ${key.scopes},
            ${new Date(key.nowMs)}, ${new Date(key.expiresAtMs)})
    returning ${apiKeyColumns(sql)}`;
  return row;
}

export async function selectApiKey(
  sql: Sql,
  userId: string,
  id: string,
): Promise<ApiKeyRow | undefined> {
  const [row] = await sql<ApiKeyRow[]>`
    select ${apiKeyColumns(sql)} from api_keys where id = ${id} and user_id = ${userId}`;
  return row;
}

export async function selectApiKeys(
  sql: Sql,
  userId: string,
  beforeId: string | null,
  rowsMax: number,
): Promise<ApiKeyRow[]> {
  return await sql<ApiKeyRow[]>`
    select ${apiKeyColumns(sql)} from api_keys
    where user_id = ${userId} and (${beforeId}::uuid is null or id < ${beforeId})
    order by id desc limit ${rowsMax}`;
}

/** False where it was revoked before, or is not that person's. */
export async function markApiKeyRevoked(
  sql: Sql,
  userId: string,
  id: string,
  nowMs: EpochMs,
): Promise<boolean> {
  const rows = await sql`
    update api_keys set revoked_at = ${new Date(nowMs)}
    where id = ${id} and user_id = ${userId} and revoked_at is null returning id`;
  return rows.length === 1;
}

/** A key that may be used now, and what its owner may do now. */
export interface UsableApiKey extends Pick<UserRow, "role" | "permissions"> {
  id: string;
  user_id: string;
  scopes: string[];
  expires_at: Date;
}

/** The key of that SHA-256, in hexadecimal. One statement for every reason that there is none: all take as long. */
export async function selectUsableApiKey(
  sql: Sql,
  digest: string,
  nowMs: EpochMs,
): Promise<UsableApiKey | undefined> {
  const [row] = await sql<UsableApiKey[]>`
    select api_keys.id, api_keys.user_id, scopes, expires_at, role, permissions
    from api_keys join users on users.id = api_keys.user_id
    where digest = decode(${digest}, 'hex') and revoked_at is null and expires_at > ${new Date(
    nowMs,
  )}
      and users.status = 'active'`;
  return row;
}

/** Notes when keys were used, each at most once a minute however many processes say so. */
export async function updateApiKeyUses(
  sql: Sql,
  uses: { id: string; atMs: EpochMs }[],
): Promise<void> {
  await sql`
    update api_keys set last_used_at = seen.at
    from unnest(${uses.map(({ id }) => id)}::uuid[],
                ${
    uses.map(({ atMs }) => new Date(atMs).toISOString())
  }::timestamptz[]) as seen (id, at)
    where api_keys.id = seen.id
      and (last_used_at is null or last_used_at <= seen.at - interval '1 minute')`;
}

export async function deleteApiKeysEndedBefore(sql: Sql, beforeMs: EpochMs): Promise<number> {
  const before = new Date(beforeMs);
  const rows = await sql`
    delete from api_keys where expires_at < ${before} or revoked_at < ${before} returning 1`;
  return rows.length;
}

function apiKeyColumns(sql: Sql) {
  return sql`id, name, prefix, scopes, created_at, expires_at, last_used_at, revoked_at`;
}

/** Whoever counts tries under one of these waits until the transaction ends. Sorted by the caller: no deadlock. */
export async function lockAttempts(sql: Sql, subjects: readonly string[]): Promise<void> {
  for (const subject of subjects) {
    await sql`select pg_advisory_xact_lock(hashtextextended('sign_in_attempts ' || ${subject}, 0))`;
  }
}

/** How many tries came after `afterMs`, and when the first of them did. */
export async function selectAttempts(
  sql: Sql,
  subject: string,
  afterMs: EpochMs,
): Promise<{ count: number; oldestMs: EpochMs | undefined }> {
  const [row] = await sql<{ count: number; oldest: Date | null }[]>`
    select count(*)::int as count, min(at) as oldest from sign_in_attempts
    where subject = ${subject} and at > ${new Date(afterMs)}`;
  return { count: row?.count ?? 0, oldestMs: row?.oldest?.getTime() };
}

export async function insertAttempts(
  sql: Sql,
  subjects: readonly string[],
  nowMs: EpochMs,
): Promise<void> {
  await sql`
    insert into sign_in_attempts (subject, at)
    select subject, ${new Date(nowMs)} from unnest(${subjects as string[]}::text[]) as subject`;
}

export async function deleteAttemptsBefore(sql: Sql, beforeMs: EpochMs): Promise<void> {
  await sql`delete from sign_in_attempts where at < ${new Date(beforeMs)}`;
}
