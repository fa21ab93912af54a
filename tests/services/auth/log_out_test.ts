import assert from "node:assert/strict";
import { isFailure } from "../../../lib/errors.ts";
import { minuteMs } from "../../../lib/time.ts";
import {
  announceRevocations,
  logIn,
  logOut,
  logOutEverywhere,
  refreshTokens,
  verifyAccessToken,
} from "../../../services/auth/mod.ts";
import { pollUntil } from "../../support/poll.ts";
import {
  as,
  auditCount,
  type AuthCtx,
  command,
  password,
  register,
  system,
  withAuth,
} from "./auth_world.ts";

const email = "ada@example.com";
const signIn = (ctx: AuthCtx) => logIn(ctx, { email, password });

async function isLetIn(ctx: AuthCtx, token: string): Promise<boolean> {
  try {
    await verifyAccessToken(ctx, token);
    return true;
  } catch (error) {
    if (isFailure(error, "invalid_token")) return false;
    throw error;
  }
}

Deno.test("logOut() ends the session that asks and no other", async () => {
  await withAuth(async ({ ctx, inspect }) => {
    await register(ctx);
    const [one, two] = [await signIn(ctx), await signIn(ctx)];
    const person = await verifyAccessToken(ctx, one.accessToken);
    await logOut(as(ctx, person));
    await logOut(as(ctx, person));
    assert.equal(await isLetIn(ctx, one.accessToken), false);
    await assert.rejects(
      refreshTokens(ctx, one),
      (error) => isFailure(error, "invalid_refresh_token"),
    );
    assert.equal(await isLetIn(ctx, two.accessToken), true);
    await refreshTokens(ctx, two);
    assert.equal(await auditCount(inspect, "session.ended"), 1);
  });
});

Deno.test("logOutEverywhere() ends every session of the person and nobody else's", async () => {
  await withAuth(async ({ ctx, inspect }) => {
    await register(ctx);
    await register(ctx, "bob@example.com", "Bob Byron");
    const own = [await signIn(ctx), await signIn(ctx), await signIn(ctx)];
    const other = await logIn(ctx, { email: "bob@example.com", password });
    await logOutEverywhere(as(ctx, await verifyAccessToken(ctx, own[0]!.accessToken)));
    for (const { accessToken } of own) assert.equal(await isLetIn(ctx, accessToken), false);
    assert.equal(await isLetIn(ctx, other.accessToken), true);
    assert.equal(await auditCount(inspect, "session.ended"), 3);
  });
});

Deno.test("a session that one process ended is refused by another within a second, although it knew the token", async () => {
  await withAuth(async ({ ctx, isolate }) => {
    await register(ctx);
    const other = isolate();
    const { accessToken } = await signIn(ctx);
    assert.equal(await isLetIn(other, accessToken), true);
    const person = await verifyAccessToken(ctx, accessToken);
    await logOut(as(ctx, person));
    await pollUntil("the refusal", async () => !await isLetIn(other, accessToken), 1_000);
  });
});

Deno.test("a process that was idle while a session ended refuses it at the first request", async () => {
  await withAuth(async ({ ctx, isolate }) => {
    await register(ctx);
    const { accessToken } = await signIn(ctx);
    await logOut(as(ctx, await verifyAccessToken(ctx, accessToken)));
    assert.equal(await isLetIn(isolate(), accessToken), false);
  });
});

Deno.test("reading revocations costs no call to Redis per request", async () => {
  await withAuth(async ({ ctx, redis, inspect: { sql } }) => {
    await register(ctx);
    const { accessToken } = await signIn(ctx);
    await verifyAccessToken(ctx, accessToken);
    const before = redis.requests();
    const startedMs = performance.now();
    for (let n = 0; n < 2_000; n++) {
      const person = verifyAccessToken(ctx, accessToken);
      assert.ok(!(person instanceof Promise), "a token that is known is answered at once");
      // Lets a poll come to its end, so that another could begin.
      if (n % 20 === 0) await sql`select 1`;
    }
    const pollsMax = Math.ceil((performance.now() - startedMs) / 500) + 1;
    assert.ok(redis.requests() - before <= pollsMax, `${redis.requests() - before}`);
  });
});

Deno.test("with Redis away, a session that ended is refused elsewhere all the same, and told again by a job", async () => {
  await withAuth(async ({ ctx, isolate, redis, inspect: { sql } }) => {
    await register(ctx);
    const other = isolate();
    const { accessToken } = await signIn(ctx);
    assert.equal(await isLetIn(other, accessToken), true);
    redis.setFault({ kind: "status", status: 503 });
    const person = await verifyAccessToken(ctx, accessToken);
    await logOut(as(ctx, person));
    await pollUntil("the refusal", async () => !await isLetIn(other, accessToken), 1_000);
    const jobs = await sql`select job, payload from outbox where job = 'announce_revocations'`;
    assert.deepEqual([...jobs], [
      { job: "announce_revocations", payload: { sessionIds: [person.sessionId] } },
    ]);
    const away = announceRevocations(system(ctx), [person.sessionId]);
    await assert.rejects(away, (error) => isFailure(error, "unavailable"));
    redis.setFault(null);
    const healed = isolate();
    await announceRevocations(system(healed), [person.sessionId]);
    assert.equal(await isLetIn(isolate(), accessToken), false);
  });
});

Deno.test("revocations that Redis has lost are found again in Postgres", async () => {
  await withAuth(async ({ ctx, isolate, redis, advance }) => {
    await register(ctx);
    const [one, two] = [await signIn(ctx), await signIn(ctx)];
    await logOut(as(ctx, await verifyAccessToken(ctx, one.accessToken)));
    advance(minuteMs);
    await redis.flush();
    const other = isolate();
    assert.equal(await isLetIn(other, one.accessToken), false);
    assert.equal(await isLetIn(other, two.accessToken), true);
  });
});

Deno.test("a process whose clock runs ahead hides nobody else's revocations", async () => {
  await withAuth(async ({ ctx, isolate, redis }) => {
    await register(ctx);
    const other = isolate();
    const [one, two] = [await signIn(ctx), await signIn(ctx)];
    assert.equal(await isLetIn(other, one.accessToken), true);
    const ahead = await verifyAccessToken(ctx, two.accessToken);
    await command(redis, ["ZADD", "auth:revoked", ctx.now() + 5 * minuteMs, ahead.sessionId]);
    await pollUntil("the first refusal", async () => !await isLetIn(other, two.accessToken), 1_000);
    await logOut(as(ctx, await verifyAccessToken(ctx, one.accessToken)));
    await pollUntil(
      "the second refusal",
      async () => !await isLetIn(other, one.accessToken),
      1_000,
    );
  });
});

Deno.test("announceRevocations() is for the product itself", async () => {
  await withAuth(async ({ ctx }) => {
    await assert.rejects(
      announceRevocations(ctx, [ctx.newId()]),
      (error) => isFailure(error, "forbidden"),
    );
  });
});
