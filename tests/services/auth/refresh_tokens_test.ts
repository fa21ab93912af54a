import assert from "node:assert/strict";
import fc from "fast-check";
import { isFailure } from "../../../lib/errors.ts";
import { dayMs, minuteMs } from "../../../lib/time.ts";
import { logIn, refreshTokens, verifyAccessToken } from "../../../services/auth/mod.ts";
import { pollUntil } from "../../support/poll.ts";
import { auditCount, type AuthCtx, password, register, withAuth } from "./auth_world.ts";

async function signIn(ctx: AuthCtx) {
  const { email } = await register(ctx);
  return await logIn(ctx, { email, password });
}

const isRefused = (error: unknown) => isFailure(error, "invalid_refresh_token");

Deno.test("refreshTokens() gives new tokens of the same session", async () => {
  await withAuth(async ({ ctx, advance }) => {
    const first = await signIn(ctx);
    advance(10 * minuteMs);
    const second = await refreshTokens(ctx, first);
    assert.notEqual(second.refreshToken, first.refreshToken);
    assert.deepEqual(second.user, first.user);
    const [before, after] = [
      await verifyAccessToken(ctx, first.accessToken),
      await verifyAccessToken(ctx, second.accessToken),
    ];
    assert.equal(after.sessionId, before.sessionId);
    assert.equal(after.expiresAtMs - before.expiresAtMs, 10 * minuteMs);
  });
});

Deno.test("refreshTokens() keeps one lineage when twenty refresh at the same time in two processes", async () => {
  await withAuth(async ({ ctx, isolate, inspect, inspect: { sql } }) => {
    const first = await signIn(ctx);
    const other = isolate();
    const race = await Promise.all(
      Array.from({ length: 20 }, (_, n) => refreshTokens(n % 2 ? ctx : other, first)),
    );
    assert.equal(new Set(race.map(({ refreshToken }) => refreshToken)).size, 1);
    const [session] = await sql`select n, revoked_at from sessions`;
    assert.deepEqual({ ...session }, { n: 1, revoked_at: null });
    await refreshTokens(ctx, race[7]!);
    assert.equal(await auditCount(inspect, "session.reused"), 0);
  });
});

Deno.test("refreshTokens() gives the same token again when the answer was lost, at once or much later", async () => {
  await withAuth(async ({ ctx, advance }) => {
    const first = await signIn(ctx);
    const lost = await refreshTokens(ctx, first);
    for (const laterMs of [0, 9_000, minuteMs, dayMs]) {
      advance(laterMs);
      assert.equal((await refreshTokens(ctx, first)).refreshToken, lost.refreshToken);
    }
    await refreshTokens(ctx, lost);
  });
});

Deno.test("refreshTokens() ends the whole session when a token comes back that was superseded twice", async () => {
  await withAuth(async ({ ctx, inspect, inspect: { sql } }) => {
    const first = await signIn(ctx);
    const second = await refreshTokens(ctx, first);
    const third = await refreshTokens(ctx, second);
    await verifyAccessToken(ctx, third.accessToken);
    await assert.rejects(refreshTokens(ctx, first), isRefused);
    for (const token of [first, second, third]) {
      await assert.rejects(refreshTokens(ctx, token), isRefused);
    }
    await assert.rejects(
      async () => await verifyAccessToken(ctx, third.accessToken),
      (error) => isFailure(error, "invalid_token"),
    );
    const [session] = await sql`select revoke_reason from sessions`;
    assert.equal(session?.revoke_reason, "reused");
    assert.equal(await auditCount(inspect, "session.reused"), 1);
    const again = await logIn(ctx, { email: first.user.email, password });
    await refreshTokens(ctx, again);
  });
});

Deno.test("refreshTokens() judges by what another process is about to commit", async () => {
  await withAuth(async ({ ctx, inspect: { sql } }) => {
    const first = await signIn(ctx);
    let refreshing: Promise<unknown> | undefined;
    await sql.begin(async (other) => {
      await other`update sessions set n = 2`;
      refreshing = refreshTokens(ctx, first);
      refreshing.catch(() => {});
      await pollUntil("the refresh to wait", async () => {
        const [row] = await other`select count(*)::int as waiting from pg_locks where not granted`;
        return row?.waiting > 0;
      });
    });
    await assert.rejects(refreshing ?? Promise.resolve(), isRefused);
    const [session] = await sql`select n, revoke_reason from sessions`;
    assert.deepEqual({ ...session }, { n: 2, revoke_reason: "reused" });
  });
});

Deno.test("refreshTokens() refuses a token 30 days after its last use, and any a year after signing in", async () => {
  await withAuth(async ({ ctx, advance }) => {
    let tokens = await signIn(ctx);
    for (let month = 0; month < 12; month++) {
      advance(29 * dayMs);
      tokens = await refreshTokens(ctx, tokens);
    }
    advance(18 * dayMs);
    await assert.rejects(refreshTokens(ctx, tokens), isRefused);
    const idle = await logIn(ctx, { email: tokens.user.email, password });
    advance(30 * dayMs);
    await assert.rejects(refreshTokens(ctx, idle), isRefused);
  });
});

Deno.test("refreshTokens() refuses whom we have locked since", async () => {
  await withAuth(async ({ ctx, inspect: { sql } }) => {
    const tokens = await signIn(ctx);
    await sql`update users set status = 'locked'`;
    await assert.rejects(refreshTokens(ctx, tokens), isRefused);
  });
});

Deno.test("refreshTokens() refuses every token that we have not made, without asking the database", async () => {
  await withAuth(async ({ ctx }) => {
    const { refreshToken, accessToken } = await signIn(ctx);
    const closed: AuthCtx = {
      ...ctx,
      database: { ...ctx.database, transaction: () => Promise.reject(new Error("asked")) },
    };
    const changed = fc.tuple(fc.nat(69), fc.constantFrom(..."ABCXYZabcxyz019_-")).map((
      [at, char],
    ) => refreshToken.slice(0, at) + char + refreshToken.slice(at + 1))
      // The last character carries four bits that stand for nothing.
      .filter((text) => text.slice(0, 69) !== refreshToken.slice(0, 69));
    const junk = fc.oneof(changed, fc.string(), fc.constant(accessToken), fc.constant(""));
    await fc.assert(
      fc.asyncProperty(junk, async (text) => {
        await assert.rejects(refreshTokens(closed, { refreshToken: text }), isRefused);
      }),
      { numRuns: 200 },
    );
  });
});
