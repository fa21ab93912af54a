import assert from "node:assert/strict";
import { isFailure } from "../../../lib/errors.ts";
import { problemResponse } from "../../../lib/problem.ts";
import { systemRandom } from "../../../lib/random.ts";
import { logIn, verifyAccessToken } from "../../../services/auth/mod.ts";
import { createPasswordHasher } from "../../../services/auth/passwords.ts";
import { auditCount, type AuthCtx, password, register, withAuth } from "./auth_world.ts";

const email = "ada@example.com";

Deno.test("logIn() answers tokens that stand for the person, and keeps neither of them", async () => {
  await withAuth(async ({ ctx, inspect, inspect: { sql } }) => {
    const user = await register(ctx);
    const device = { platform: "ios", model: "iPhone 17" };
    const tokens = await logIn(ctx, { email: "ADA@example.com", password, device });
    assert.deepEqual(tokens.user, user);
    assert.equal(tokens.tokenType, "Bearer");
    assert.equal(tokens.expiresIn, 900);
    const person = await verifyAccessToken(ctx, tokens.accessToken);
    assert.equal(person.userId, user.id);
    assert.deepEqual([...person.permissions], user.permissions);
    const [session] = await sql`select * from sessions`;
    assert.equal(session?.id, person.sessionId);
    assert.equal(session?.address_prefix, "192.0.2.0/24");
    assert.deepEqual(session?.device, device);
    assert.ok(!JSON.stringify(await sql`select * from sessions`).includes(tokens.refreshToken));
    assert.equal(await auditCount(inspect, "session.started"), 1);
    const [audit] =
      await sql`select actor_kind, actor_id from audit_log where action = 'session.started'`;
    assert.deepEqual({ ...audit }, { actor_kind: "person", actor_id: user.id });
  });
});

Deno.test("logIn() answers a wrong password, an unknown address and a locked account with one and the same body", async () => {
  await withAuth(async ({ ctx, inspect, inspect: { sql } }) => {
    const user = await register(ctx);
    const bodies = [
      await refusal(ctx, { email, password: "another password" }),
      await refusal(ctx, { email: "nobody@example.com", password }),
    ];
    for (const status of ["locked", "deleted"]) {
      await sql`update users set status = ${status} where id = ${user.id}`;
      bodies.push(await refusal(ctx, { email, password }));
    }
    assert.deepEqual(new Set(bodies).size, 1, bodies.join("\n"));
    assert.equal(await auditCount(inspect, "session.refused"), 2);
    assert.equal(await auditCount(inspect, "session.refused_locked"), 2);
  });
});

Deno.test("logIn() hashes as often for an unknown address as for a known one", async () => {
  await withAuth(async ({ ctx }) => {
    await register(ctx);
    const checked: string[] = [];
    const passwords = await ctx.keys.passwords();
    const counting: AuthCtx = {
      ...ctx,
      keys: {
        ...ctx.keys,
        passwords: () =>
          Promise.resolve({
            ...passwords,
            matches: (given: string, phc: string) => {
              checked.push(phc.split("$", 4).join("$"));
              return passwords.matches(given, phc);
            },
          }),
      },
    };
    await refusal(counting, { email, password: "another password" });
    await refusal(counting, { email: "nobody@example.com", password: "another password" });
    assert.equal(checked.length, 2);
    assert.equal(checked[0], checked[1], "the same parameters, so the same work");
  });
});

Deno.test("logIn() hashes a password anew when the parameters have changed, and the new hash signs in", async () => {
  await withAuth(async ({ ctx, inspect: { sql } }) => {
    await register(ctx);
    const dearer = createPasswordHasher(systemRandom, { memoryKib: 128, passes: 2, lanes: 1 });
    await sql`update users set password_hash = ${await dearer.hash(password)}`;
    await logIn(ctx, { email, password });
    const [row] = await sql`select password_hash from users`;
    assert.match(row?.password_hash, /m=64,t=1,p=1/);
    await logIn(ctx, { email, password });
  });
});

Deno.test("logIn() locks an account by and by, never for longer than a minute, and not for where its owner signs in", async () => {
  await withAuth(async ({ ctx, inspect: { sql }, advance }) => {
    await register(ctx);
    await logIn(ctx, { email, password });
    const elsewhere = { ...ctx, origin: { address: "203.0.113.9", userAgent: "guesser" } };
    for (let tries = 0; tries < 4; tries++) {
      await refusal(elsewhere, { email, password: "wrong one" });
    }
    assert.equal((await sql`select locked_until from users`)[0]?.locked_until, null);
    for (let tries = 0; tries < 20; tries++) {
      await refusal(elsewhere, { email, password: "wrong one" });
    }
    const [row] = await sql<{ locked_until: Date }[]>`select locked_until from users`;
    const lockMs = (row?.locked_until.getTime() ?? 0) - ctx.now();
    assert.ok(lockMs > 50_000 && lockMs <= 60_000, `${lockMs}`);
    await refusal(elsewhere, { email, password });
    advance(60_001);
    await logIn(elsewhere, { email, password });
    assert.equal((await sql`select locked_until from users`)[0]?.locked_until, null);
    for (let tries = 0; tries < 24; tries++) {
      await refusal(elsewhere, { email, password: "wrong one" });
    }
    await logIn(ctx, { email, password });
  });
});

Deno.test("logIn() counts guesses that come at the same time one by one", async () => {
  await withAuth(async ({ ctx, inspect: { sql } }) => {
    await register(ctx);
    const guesses = Array.from(
      { length: 12 },
      (_, n) => refusal(ctx, { email, password: `guess ${n}` }),
    );
    await Promise.all(guesses);
    assert.equal((await sql`select failed_login_count from users`)[0]?.failed_login_count, 12);
  });
});

Deno.test("logIn() refuses at once when too many wait, and serves those who wait", async () => {
  await withAuth(async ({ ctx }) => {
    await register(ctx);
    const storm = Array.from({ length: 60 }, () => logIn(ctx, { email, password }));
    const outcomes = await Promise.allSettled(storm);
    const refused = outcomes.flatMap((one) => one.status === "rejected" ? [one.reason] : []);
    assert.ok(outcomes.length - refused.length >= 34);
    for (const error of refused) assert.ok(isFailure(error, "sign_in_busy"), String(error));
    await logIn(ctx, { email, password });
  });
});

async function refusal(ctx: AuthCtx, input: { email: string; password: string }): Promise<string> {
  try {
    await logIn(ctx, input);
  } catch (error) {
    if (!isFailure(error, "invalid_credentials")) throw error;
    const response = problemResponse(error, "the-same-id");
    return `${response.status} ${JSON.stringify([...response.headers])} ${await response.text()}`;
  }
  throw new assert.AssertionError({ message: "the sign-in went through" });
}
