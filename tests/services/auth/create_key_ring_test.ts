import assert from "node:assert/strict";
import { base64url, decodeProtectedHeader } from "jose";
import { isFailure } from "../../../lib/errors.ts";
import { dayMs, hourMs, minuteMs } from "../../../lib/time.ts";
import { logIn, rotateSigningKeys, verifyAccessToken } from "../../../services/auth/mod.ts";
import { auditCount, command, password, register, system, withAuth } from "./auth_world.ts";

Deno.test("of many processes that need the first key at once, one makes it and all use it", async () => {
  await withAuth(async ({ isolate, inspect: { sql } }) => {
    await sql`delete from signing_keys`;
    const processes = [isolate(), isolate(), isolate()];
    const keys = await Promise.all(
      processes.flatMap(({ keys }) => [keys.current(), keys.current()]),
    );
    assert.equal(new Set(keys.map(({ id }) => id)).size, 1);
    const rows = await sql`select state from signing_keys`;
    assert.deepEqual([...rows], [{ state: "current" }]);
  });
});

Deno.test("the next key is published beside the current one from the start, and no private part of either", async () => {
  await withAuth(async ({ ctx, inspect: { sql } }) => {
    await sql`delete from signing_keys`;
    const { keys } = await ctx.keys.published();
    assert.equal(keys.length, 2);
    const { id } = await ctx.keys.current();
    assert.ok(keys.some(({ kid }) => kid === id));
    for (const key of keys) {
      assert.deepEqual(Object.keys(key).sort(), ["alg", "e", "kid", "kty", "n", "use"]);
      assert.equal(key.alg, "RS256");
      assert.equal(base64url.decode(key.n ?? "").length * 8, 3_072);
    }
  });
});

Deno.test("a private key is stored encrypted, and opens under no other secret or id", async () => {
  await withAuth(async ({ ctx, isolate, inspect: { sql } }) => {
    await ctx.keys.current();
    const rows =
      await sql`select id, public_jwk, private_jwk_encrypted from signing_keys order by state`;
    for (const { private_jwk_encrypted: sealed, public_jwk } of rows) {
      const text = sealed.toString("latin1");
      assert.ok(!text.includes("RSA") && !text.includes(public_jwk.n) && !text.includes('"d"'));
    }
    const [current, next] = rows;
    await sql`update signing_keys set private_jwk_encrypted = ${next?.private_jwk_encrypted} where id = ${current?.id}`;
    await assert.rejects(isolate().keys.current(), (error) => isFailure(error, "internal"));
  });
});

Deno.test("keys that somebody else puts into Redis are not believed", async () => {
  await withAuth(async ({ ctx, isolate, redis }) => {
    await register(ctx);
    const { accessToken } = await logIn(ctx, { email: "ada@example.com", password });
    await ctx.keys.published();
    const kept = await command(redis, ["GET", "auth:keys"]);
    const [code, document = ""] = kept.split(" ");
    const text = new TextDecoder().decode(base64url.decode(document));
    const forged = base64url.encode(text.replaceAll(/"n":"./g, '"n":"A'));
    await command(redis, ["SET", "auth:keys", `${code} ${forged}`]);
    await verifyAccessToken(isolate(), accessToken);
    await command(redis, ["SET", "auth:keys", "not even two words"]);
    await verifyAccessToken(isolate(), accessToken);
  });
});

Deno.test("a flood of made-up key ids reads the keys from Postgres once", async () => {
  await withAuth(async ({ ctx }) => {
    await ctx.keys.published();
    let reads = 0;
    const { database } = ctx;
    const { transaction } = database;
    database.transaction = (session, work) => (reads++, transaction(session, work));
    for (let n = 0; n < 40; n++) {
      assert.equal(await ctx.keys.publicKey(String(n).padStart(43, "x")), undefined);
    }
    assert.equal(reads, 1);
  });
});

Deno.test("rotateSigningKeys() signs with the next key and signs nobody out", async () => {
  await withAuth(async ({ ctx, isolate, inspect, inspect: { sql }, advance }) => {
    const { email } = await register(ctx);
    advance(dayMs);
    const before = await logIn(ctx, { email, password });
    const published = await ctx.keys.published();
    assert.equal(await rotateSigningKeys(system(ctx)), true);
    const after = await logIn(ctx, { email, password });
    const ids = [before, after].map(({ accessToken }) => decodeProtectedHeader(accessToken).kid);
    assert.notEqual(ids[0], ids[1]);
    assert.ok(
      published.keys.some(({ kid }) => kid === ids[1]),
      "it was published before it signed",
    );
    for (const one of [ctx, isolate()]) {
      for (const { accessToken } of [before, after]) await verifyAccessToken(one, accessToken);
    }
    const states = await sql`select state from signing_keys order by state`;
    assert.deepEqual([...states], [{ state: "current" }, { state: "next" }, { state: "previous" }]);
    assert.equal((await ctx.keys.published()).keys.length, 3);
    assert.equal(await auditCount(inspect, "signing_key.rotated"), 1);
  });
});

Deno.test("rotateSigningKeys() leaves out a key whose tokens have all expired", async () => {
  await withAuth(async ({ ctx, isolate, advance }) => {
    const { email } = await register(ctx);
    const { accessToken } = await logIn(ctx, { email, password });
    for (let times = 0; times < 2; times++) {
      advance(2 * hourMs);
      assert.equal(await rotateSigningKeys(system(ctx)), true);
    }
    const other = isolate();
    advance(-4 * hourMs);
    const { kid = "" } = decodeProtectedHeader(accessToken);
    assert.equal(await other.keys.publicKey(kid), undefined);
    await assert.rejects(
      async () => await verifyAccessToken(other, accessToken),
      (error) => isFailure(error, "invalid_token"),
    );
  });
});

Deno.test("rotateSigningKeys() does nothing a second time within the hour, and nothing for people", async () => {
  await withAuth(async ({ ctx, advance }) => {
    advance(dayMs);
    assert.equal(await rotateSigningKeys(system(ctx)), true);
    const { id } = await ctx.keys.current();
    advance(59 * minuteMs);
    assert.equal(await rotateSigningKeys(system(ctx)), false);
    assert.equal((await ctx.keys.current()).id, id);
    await assert.rejects(rotateSigningKeys(ctx), (error) => isFailure(error, "forbidden"));
  });
});
