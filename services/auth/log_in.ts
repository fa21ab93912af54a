import { fail } from "../../lib/errors.ts";
import { recordChange } from "../audit/mod.ts";
import { asSystem, type InTransaction, inTransaction, type Needs, type Person } from "../ctx.ts";
import { admitTry } from "./admit_try.ts";
import { addressPrefixOf } from "./model/address_prefix.ts";
import { lockedUntilMs } from "./model/lock_out.ts";
import { normalisePassword } from "./model/password_rules.ts";
import { sessionEndMs } from "./model/refresh_chain.ts";
import { permissionsOf } from "./model/roles.ts";
import type { LogInInput, Tokens } from "./schema.ts";
import {
  type AccountRow,
  hasSignedInFrom,
  insertSession,
  lockAccount,
  selectAccount,
  updateFailures,
  updatePasswordHash,
} from "./store.ts";
import {
  accessTokenSeconds,
  hashToken,
  issueTokens,
  refreshTokenOf,
  type SignedIn,
} from "./tokens.ts";

type LogInNeeds = Needs<
  | "actor"
  | "database"
  | "keys"
  | "log"
  | "newId"
  | "now"
  | "origin"
  | "requestId"
  | "settings"
>;

interface Attempt {
  account: AccountRow | undefined;
  matches: boolean;
  /** The same password at today's cost, where the stored hash was made at another. */
  rehashed: string | undefined;
  device: LogInInput["device"];
}

const passwordOnly = ["pwd"];

/**
 * Signs in with a password. A wrong password, an unknown address and a locked account cost the same time and get the
 * same `invalid_credentials`. Every try is an audit row, but for those that are one too many: these are refused before
 * any work is done for them.
 */
export async function logIn(ctx: LogInNeeds, input: LogInInput): Promise<Tokens> {
  const passwords = await ctx.keys.passwords();
  const system = asSystem(ctx, "log_in");
  const place = addressPrefixOf(ctx.origin.address);
  const account = await inTransaction(system, ({ sql }) => selectAccount(sql, input.email, place));
  await admitTry(ctx, input.email, account?.known_place ?? false);
  const password = normalisePassword(input.password);
  const matches = await passwords.matches(password, account?.password_hash ?? passwords.decoy);
  const outdated = matches && account !== undefined && passwords.isOutdated(account.password_hash);
  const rehashed = outdated ? await passwords.hash(password) : undefined;
  const attempt = { account, matches, rehashed, device: input.device };
  // The refusal is committed as well, so it is an answer and not an error in here.
  const signedIn = await inTransaction(
    system,
    (tx) => settle({ ...tx, actor: ctx.actor }, attempt),
  );
  return await issueTokens(ctx, signedIn ?? fail("invalid_credentials"));
}

type Settling = LogInNeeds & InTransaction;

/** Decides under the account's lock: many guesses at once would otherwise all see an account that is still open. */
async function settle(tx: Settling, attempt: Attempt): Promise<SignedIn | undefined> {
  const account = attempt.account && await lockAccount(tx.sql, attempt.account.id);
  const matches = attempt.matches && account?.password_hash === attempt.account?.password_hash;
  if (account === undefined || !matches) return await refuse(tx, account, "wrong");
  const open = account.status === "active" && await isUnlocked(tx, account);
  return open ? await admit(tx, account, attempt) : await refuse(tx, account, "locked");
}

/** Failures of others lock nobody out of where they have signed in before. */
async function isUnlocked(tx: Settling, account: AccountRow): Promise<boolean> {
  if ((account.locked_until?.getTime() ?? 0) <= tx.now()) return true;
  return await hasSignedInFrom(tx.sql, account.id, addressPrefixOf(tx.origin.address));
}

async function refuse(
  tx: Settling,
  account: AccountRow | undefined,
  why: "wrong" | "locked",
): Promise<undefined> {
  if (account && why === "wrong") {
    const failures = account.failed_login_count + 1;
    await updateFailures(tx.sql, account.id, failures, lockedUntilMs(failures, tx.now()));
  }
  const action = why === "locked" ? "session.refused_locked" : "session.refused";
  await recordChange(tx, { action, subjectId: account?.id });
}

async function admit(tx: Settling, account: AccountRow, attempt: Attempt): Promise<SignedIn> {
  if (account.failed_login_count > 0) await updateFailures(tx.sql, account.id, 0, null);
  if (attempt.rehashed) await updatePasswordHash(tx.sql, account.id, attempt.rehashed);
  const id = tx.newId();
  await insertSession(tx.sql, {
    id,
    userId: account.id,
    tokenHash: hashToken(await refreshTokenOf(tx.keys, id, 0)),
    amr: passwordOnly,
    nowMs: tx.now(),
    expiresAtMs: sessionEndMs(tx.now(), tx.now()),
    addressPrefix: addressPrefixOf(tx.origin.address),
    userAgent: tx.origin.userAgent.slice(0, 200),
    device: attempt.device,
  });
  // From here on it is the person who acts, and no longer anybody.
  await recordChange({ ...tx, actor: personOf(tx, account, id) }, {
    action: "session.started",
    subjectId: account.id,
    entityId: id,
    fields: attempt.rehashed ? ["password_hash"] : [],
  });
  return { user: account, sessionId: id, n: 0, amr: passwordOnly };
}

function personOf(tx: Settling, { id, role, permissions }: AccountRow, sessionId: string): Person {
  return {
    kind: "person",
    userId: id,
    sessionId,
    role,
    permissions: new Set(permissionsOf(role, permissions)),
    expiresAtMs: tx.now() + accessTokenSeconds * 1_000,
  };
}
