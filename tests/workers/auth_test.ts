import assert from "node:assert/strict";
import { decodeProtectedHeader } from "jose";
import { hourMs } from "../../lib/time.ts";
import { withApp } from "../support/app.ts";
import { jobs } from "../../workers/mod.ts";

Deno.test("the jobs of sign-in are registered, by the clock or by request", () => {
  const named = (name: string) => jobs.find((job) => job.name === name);
  assert.ok(named("rotate_signing_keys")?.schedule);
  assert.ok(named("delete_ended_sessions")?.schedule);
  assert.ok(named("delete_old_api_keys")?.schedule);
  assert.equal(named("announce_revocations")?.schedule, undefined);
  assert.ok(named("announce_revocations"));
});

Deno.test("the job rotate_signing_keys, delivered, lets the published next key sign", async () => {
  let movedMs = 0;
  await withApp(async (app) => {
    const keysOf = async () => (await (await app.request("/.well-known/jwks.json")).json()).keys;
    const before = await keysOf();
    movedMs = 2 * hourMs;
    const { sql } = app.inspect;
    await sql`insert into outbox (id, job, key, version, payload)
              values (gen_random_uuid(), 'rotate_signing_keys', 'test', 1, '{}')`;
    app.deps.context("test", { address: "", userAgent: "" }).queue.nudge();
    await app.settle();
    const [current] = await sql`select id from signing_keys where state = 'current'`;
    assert.equal(current?.id, before[0].kid);
    assert.equal((await keysOf()).length, 3);
    movedMs = 0;
    const { token } = await app.signUp();
    assert.equal(decodeProtectedHeader(token).kid, current?.id);
  }, { world: { now: () => Date.now() + movedMs } });
});

Deno.test("the job delete_ended_sessions forgets what ended a month ago, and nothing that can still be used", async () => {
  await withApp(async (app) => {
    const { sql } = app.inspect;
    const [alive, expired, revoked] = [await app.signUp(), await app.signUp(), await app.signUp()];
    await sql`update sessions set expires_at = now() - interval '31 days' where user_id = ${expired.userId}`;
    await sql`
      update sessions set revoked_at = now() - interval '29 days', revoke_reason = 'logged_out'
      where user_id = ${revoked.userId}`;
    await sql`insert into outbox (id, job, key, version, payload)
              values (gen_random_uuid(), 'delete_ended_sessions', 'test', 1, '{}')`;
    app.deps.context("test", { address: "", userAgent: "" }).queue.nudge();
    await app.settle();
    const left = await sql<{ user_id: string }[]>`select user_id from sessions`;
    const ids = left.map(({ user_id }) => user_id).sort();
    assert.deepEqual(ids, [alive.userId, revoked.userId].sort());
  });
});

Deno.test("the job delete_old_api_keys forgets what ended three months ago, and nothing that was in use since", async () => {
  await withApp(async (app) => {
    const { sql } = app.inspect;
    const { token } = await app.signUp();
    const made: Record<string, string> = {};
    for (const name of ["alive", "expired long ago", "expired", "revoked long ago", "revoked"]) {
      const json = { name, scopes: ["plans:read"] };
      const response = await app.request("/v1/api-keys", { method: "POST", token, json });
      made[name] = (await response.json()).id;
    }
    await sql`update api_keys set created_at = now() - interval '200 days'`;
    const old = (days: number) => sql`now() - ${days} * interval '1 day'`;
    await sql`update api_keys set expires_at = ${old(91)} where id = ${
      made["expired long ago"] ?? ""
    }`;
    await sql`update api_keys set expires_at = ${old(89)} where id = ${made.expired ?? ""}`;
    await sql`update api_keys set revoked_at = ${old(91)} where id = ${
      made["revoked long ago"] ?? ""
    }`;
    await sql`update api_keys set revoked_at = ${old(89)} where id = ${made.revoked ?? ""}`;
    await sql`insert into outbox (id, job, key, version, payload)
              values (gen_random_uuid(), 'delete_old_api_keys', 'test', 1, '{}')`;
    app.deps.context("test", { address: "", userAgent: "" }).queue.nudge();
    await app.settle();
    const left = await sql<{ name: string }[]>`select name from api_keys order by name`;
    assert.deepEqual(left.map(({ name }) => name), ["alive", "expired", "revoked"]);
  });
});
