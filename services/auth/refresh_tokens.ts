import { timingSafeEqual } from "node:crypto";
import { fail } from "../../lib/errors.ts";
import { recordChange } from "../audit/mod.ts";
import { asSystem, type InTransaction, inTransaction, type Needs } from "../ctx.ts";
import { judgeRefresh, sessionEndMs } from "./model/refresh_chain.ts";
import { announceRevoked } from "./revoke.ts";
import type { RefreshInput, Tokens } from "./schema.ts";
import { advanceSession, lockSession, revokeSession, type SessionRow } from "./store.ts";
import {
  hashToken,
  issueTokens,
  readRefreshToken,
  refreshTokenOf,
  type SignedIn,
} from "./tokens.ts";

type RefreshNeeds = Needs<
  | "actor"
  | "database"
  | "keys"
  | "log"
  | "newId"
  | "now"
  | "origin"
  | "queue"
  | "requestId"
  | "settings"
>;

/**
 * Exchanges a refresh token for new tokens. The one before the newest may come back, because an answer got lost or two
 * tabs woke up together, and gets the newest again; an older one is a copy in other hands and ends the session.
 * `invalid_refresh_token` for everything that does not lead on.
 */
export async function refreshTokens(ctx: RefreshNeeds, input: RefreshInput): Promise<Tokens> {
  const { refreshToken } = input;
  // A token that we have not made is refused before the database hears of it.
  const token = await readRefreshToken(ctx.keys, refreshToken) ?? fail("invalid_refresh_token");
  const tries = await ctx.keys.tries();
  const standing = await tries.refresh.take(token.sessionId);
  if (!standing.admitted) fail("too_many_requests", { standing });
  const signedIn = await inTransaction(
    asSystem(ctx, "refresh_tokens"),
    // The end of a session is committed, so in here it is an answer and not an error.
    (tx) => settle({ ...tx, actor: ctx.actor }, token, refreshToken),
  );
  return await issueTokens(ctx, signedIn ?? fail("invalid_refresh_token"));
}

type Settling = RefreshNeeds & InTransaction;

async function settle(
  tx: Settling,
  token: { sessionId: string; n: number },
  text: string,
): Promise<SignedIn | undefined> {
  const found = await lockSession(tx.sql, token.sessionId);
  if (found === undefined || found.user.status !== "active") return undefined;
  const { session, user } = found;
  const verdict = judgeRefresh(chainOf(session), token.n, tx.now());
  const signedIn = { user, sessionId: session.id, amr: session.amr };
  switch (verdict) {
    case "ended":
      return undefined;
    case "reuse":
      return await endReused(tx, session.id, user.id);
    case "repeat":
      return { ...signedIn, n: session.n };
    case "advance":
      if (!timingSafeEqual(hashToken(text), session.token_hash)) return undefined;
      return { ...signedIn, n: await advance(tx, session) };
  }
}

async function advance(tx: Settling, session: SessionRow): Promise<number> {
  const n = session.n + 1;
  await advanceSession(tx.sql, {
    id: session.id,
    n,
    tokenHash: hashToken(await refreshTokenOf(tx.keys, session.id, n)),
    nowMs: tx.now(),
    expiresAtMs: sessionEndMs(session.created_at.getTime(), tx.now()),
  });
  return n;
}

async function endReused(tx: Settling, sessionId: string, userId: string): Promise<undefined> {
  await revokeSession(tx.sql, sessionId, "reused", tx.now());
  await recordChange(tx, { action: "session.reused", subjectId: userId, entityId: sessionId });
  await announceRevoked(tx, [sessionId]);
}

function chainOf(session: SessionRow) {
  return {
    n: session.n,
    expiresAtMs: session.expires_at.getTime(),
    revoked: session.revoked_at !== null,
  };
}
