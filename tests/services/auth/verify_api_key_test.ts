import assert from "node:assert/strict";
import { isFailure } from "../../../lib/errors.ts";
import { systemRandom } from "../../../lib/random.ts";
import { dayMs, minuteMs } from "../../../lib/time.ts";
import {
  createApiKey,
  logIn,
  revokeApiKey,
  verifyAccessToken,
} from "../../../services/auth/mod.ts";
import type { Person } from "../../../services/ctx.ts";
import { formatApiKey } from "../../../services/auth/model/api_key.ts";
import { pollUntil } from "../../support/poll.ts";
import { as, type AuthCtx, type AuthWorld, password, register, withAuth } from "./auth_world.ts";

type Scope = Parameters<typeof createApiKey>[1]["scopes"][number];

async function signIn(ctx: AuthCtx): Promise<Person> {
  const { email } = await register(ctx);
  return await verifyAccessToken(ctx, (await logIn(ctx, { email, password })).accessToken);
}

/** A key of a person who is signed in, for everything that is given. */
async function makeKey(ctx: AuthCtx, person: Person, scopes: Scope[] = ["plans:read"]) {
  const maker = { ...as(ctx, person), random: systemRandom };
  return await createApiKey(maker, { name: "report", scopes, expiresInDays: 30 });
}

/** The same process, counting the transactions that it begins. */
function counting(ctx: AuthCtx) {
  const counted = { queries: 0 };
  const { transaction } = ctx.database;
  ctx.database.transaction = (session, work) => (counted.queries++, transaction(session, work));
  return counted;
}

async function isLetIn(ctx: AuthCtx, key: string): Promise<boolean> {
  try {
    await verifyAccessToken(ctx, key);
    return true;
  } catch (error) {
    if (isFailure(error, "invalid_token")) return false;
    throw error;
  }
}

const noKeyOfOurs = () => formatApiKey(systemRandom(8), systemRandom(32)).key;
const mistyped = (key: string) => key.slice(0, -1) + (key.endsWith("0") ? "1" : "0");

Deno.test("an API key stands for its owner with what it was given, known as a key, and at once when it comes again", async () => {
  await withAuth(async ({ ctx }) => {
    const owner = await signIn(ctx);
    const { key, id } = await makeKey(ctx, owner, ["plans:read", "quotes:read"]);
    const person = await verifyAccessToken(ctx, key);
    assert.equal(person.userId, owner.userId);
    assert.equal(person.via, "api_key");
    assert.equal(person.sessionId, id);
    assert.deepEqual([...person.permissions].sort(), ["plans:read", "quotes:read"]);
    assert.ok(person.expiresAtMs <= ctx.now() + 15 * minuteMs, "a stream asks for it again");
    const counted = counting(ctx);
    assert.equal(verifyAccessToken(ctx, key), person);
    assert.equal(counted.queries, 0);
    assert.equal(owner.via, undefined);
  });
});

Deno.test("a key with a wrong checksum or shape is refused without a query, an unknown one with one for half a minute", async () => {
  await withAuth(async ({ ctx, advance }) => {
    const { key } = await makeKey(ctx, await signIn(ctx));
    const counted = counting(ctx);
    for (const bad of [mistyped(key), `${key}0`, key.toLowerCase(), "almanac_", "almanac_x_y"]) {
      assert.equal(await isLetIn(ctx, bad), false, bad);
    }
    assert.equal(counted.queries, 0);
    const unknown = noKeyOfOurs();
    const flood = Array.from({ length: 50 }, () => isLetIn(ctx, unknown));
    assert.ok((await Promise.all(flood)).every((accepted) => !accepted));
    for (let n = 0; n < 50; n++) assert.equal(await isLetIn(ctx, unknown), false);
    assert.equal(counted.queries, 1);
    advance(31_000);
    assert.equal(await isLetIn(ctx, unknown), false);
    assert.equal(counted.queries, 2);
  });
});

Deno.test("a key that cannot be looked up is not refused: the caller is told to try again, and may", async () => {
  await withAuth(async ({ ctx }) => {
    const { key } = await makeKey(ctx, await signIn(ctx));
    const { transaction } = ctx.database;
    ctx.database.transaction = () => Promise.reject(new Error("away"));
    await assert.rejects(async () => await verifyAccessToken(ctx, key), /away/);
    ctx.database.transaction = transaction;
    assert.equal(await isLetIn(ctx, key), true);
  });
});

/** What may befall a key or its owner, after which the key is good for nothing within a minute. */
const ends: [what: string, befalls: (world: AuthWorld) => Promise<unknown>][] = [
  ["it expired", ({ advance }) => Promise.resolve(advance(30 * dayMs))],
  ["its owner is locked", ({ inspect: { sql } }) => sql`update users set status = 'locked'`],
  ["its owner is gone", ({ inspect: { sql } }) => sql`update users set status = 'deleted'`],
  ["its row is gone", ({ inspect: { sql } }) => sql`delete from api_keys`],
];

for (const [what, befalls] of ends) {
  Deno.test(`a key is refused a minute after ${what}, and at once where it is not known`, async () => {
    await withAuth(async (world) => {
      const { ctx, isolate, advance } = world;
      const { key } = await makeKey(ctx, await signIn(ctx));
      assert.equal(await isLetIn(ctx, key), true);
      await befalls(world);
      assert.equal(await isLetIn(isolate(), key), false);
      advance(minuteMs);
      assert.equal(await isLetIn(ctx, key), false);
    });
  });
}

Deno.test("a key loses what its owner's role loses, within a minute, and never has more than its scopes", async () => {
  await withAuth(async ({ ctx, inspect: { sql }, advance }) => {
    const owner = await signIn(ctx);
    const { key } = await makeKey(ctx, owner, ["plans:read", "plans:write"]);
    const held = async () => [...(await verifyAccessToken(ctx, key)).permissions].sort();
    assert.deepEqual(await held(), ["plans:read", "plans:write"]);
    await sql`update users set role = 'viewer'`;
    advance(minuteMs);
    assert.deepEqual(await held(), ["plans:read"]);
    await sql`update users set role = 'admin'`;
    advance(minuteMs);
    assert.deepEqual(await held(), ["plans:read", "plans:write"]);
  });
});

Deno.test("a key that one process revoked is refused by another within a second, although it knew it; with Redis away too", async () => {
  for (const fault of [null, { kind: "status" as const, status: 503 }]) {
    await withAuth(async ({ ctx, isolate, redis, inspect: { sql } }) => {
      const owner = await signIn(ctx);
      const { key, id } = await makeKey(ctx, owner);
      const other = isolate();
      assert.equal(await isLetIn(other, key), true);
      redis.setFault(fault);
      await revokeApiKey(as(ctx, owner), id);
      assert.equal(await isLetIn(ctx, key), false);
      await pollUntil("the refusal", async () => !await isLetIn(other, key), 1_000);
      redis.setFault(null);
      const [row] = await sql<{ told: number }[]>`
        select count(*)::int as told from outbox where job = 'announce_revocations'`;
      assert.equal(row?.told, fault === null ? 0 : 1);
    });
  }
});

Deno.test("when a key was used is written once a minute, by whichever process, and never while the caller waits", async () => {
  await withAuth(async ({ ctx, isolate, inspect: { sql }, advance }) => {
    const { key, id } = await makeKey(ctx, await signIn(ctx));
    const usedMs = async () => {
      const [row] = await sql<{ at: Date | null }[]>`
        select last_used_at as at from api_keys where id = ${id}`;
      return row?.at?.getTime() ?? null;
    };
    assert.equal(await usedMs(), null);
    const firstMs = ctx.now();
    const counted = counting(ctx);
    await verifyAccessToken(ctx, key);
    assert.equal(counted.queries, 1, "looked up, and nothing written yet");
    await pollUntil("the first use to be written", async () => await usedMs() !== null);
    const first = await usedMs() ?? 0;
    assert.ok(first >= firstMs && first <= ctx.now());
    const other = isolate();
    advance(30_000);
    await verifyAccessToken(other, key);
    await other.keys.close();
    assert.equal(await usedMs(), first, "half a minute later it is not written again");
    advance(30_000);
    await verifyAccessToken(ctx, key);
    // What is left when a process ends is written then.
    await ctx.keys.close();
    assert.ok((await usedMs() ?? 0) >= first + minuteMs);
  });
});
