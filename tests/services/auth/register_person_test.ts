import assert from "node:assert/strict";
import { isFailure } from "../../../lib/errors.ts";
import { getMe, logIn, registerPerson, verifyAccessToken } from "../../../services/auth/mod.ts";
import { as, auditCount, password, register, withAuth } from "./auth_world.ts";

Deno.test("registerPerson() takes in a client, hashes the password and has them welcomed", async () => {
  await withAuth(async ({ ctx, inspect: { sql }, inspect }) => {
    const user = await registerPerson(ctx, {
      email: "Ada@Example.com",
      password,
      name: "Ada Lovelace",
      timeZone: "America/New_York",
    });
    assert.equal(user.role, "client");
    assert.equal(user.emailVerified, false);
    assert.equal(user.timeZone, "America/New_York");
    assert.ok(user.permissions.includes("plans:write"));
    const [row] = await sql`select password_hash, role, status from users where id = ${user.id}`;
    assert.match(row?.password_hash, /^\$argon2id\$v=19\$m=\d+,t=\d+,p=\d+\$/);
    assert.ok(!JSON.stringify(row).includes(password));
    const jobs = await sql`select job, key, version, payload from outbox`;
    assert.deepEqual([...jobs], [
      { job: "notify_person", key: user.id, version: "1", payload: { type: "welcome" } },
    ]);
    assert.equal(await auditCount(inspect, "person.registered"), 1);
  });
});

Deno.test("registerPerson() lets one of many have an address, however it is spelt, and leaves nothing of the others", async () => {
  await withAuth(async ({ ctx, inspect: { sql } }) => {
    const spellings = ["ada@example.com", "ADA@example.com", "Ada@Example.Com", "ada@EXAMPLE.com"];
    const outcomes = await Promise.allSettled(spellings.map((email) => register(ctx, email)));
    const refused = outcomes.flatMap((one) => one.status === "rejected" ? [one.reason] : []);
    assert.equal(refused.length, 3);
    for (const error of refused) assert.ok(isFailure(error, "email_taken"), String(error));
    const [counts] = await sql`
      select (select count(*) from users)::int as users, (select count(*) from outbox)::int as jobs,
             (select count(*) from audit_log)::int as audits`;
    assert.deepEqual({ ...counts }, { users: 1, jobs: 1, audits: 1 });
  });
});

Deno.test("registerPerson() refuses a weak password by name of the field, before anything is hashed", async () => {
  await withAuth(async ({ ctx, inspect: { sql } }) => {
    const weak = registerPerson(ctx, { email: "a@b.example", password: "P@ssw0rd1", name: "Al" });
    await assert.rejects(weak, (error) => {
      assert.ok(isFailure(error, "weak_password"));
      assert.equal(error.details.errors?.[0]?.path, "password");
      return true;
    });
    const long = registerPerson(ctx, {
      email: "a@b.example",
      password: "ü".repeat(129),
      name: "Al",
    });
    await assert.rejects(long, (error) => isFailure(error, "invalid_request"));
    assert.equal((await sql`select from users`).length, 0);
  });
});

Deno.test("a password of 128 characters of any script signs in, in whichever Unicode form it is typed", async () => {
  await withAuth(async ({ ctx }) => {
    const composed = "Zoë天使😀".repeat(30).slice(0, 100) + "ﬁnal é words";
    await registerPerson(ctx, {
      email: "zoe@example.com",
      password: composed,
      name: "Someone Else",
    });
    const typed = composed.normalize("NFD");
    assert.notEqual(typed, composed);
    const tokens = await logIn(ctx, { email: "zoe@example.com", password: typed });
    assert.equal(tokens.user.email, "zoe@example.com");
  });
});

Deno.test("getMe() answers the person whom the access token stands for", async () => {
  await withAuth(async ({ ctx }) => {
    const user = await register(ctx);
    await register(ctx, "bob@example.com", "Bob Byron");
    const { accessToken } = await logIn(ctx, { email: user.email, password });
    const me = await getMe(as(ctx, await verifyAccessToken(ctx, accessToken)));
    assert.deepEqual(me, user);
  });
});

Deno.test("getMe() refuses whoever is not signed in, and an account that is gone", async () => {
  await withAuth(async ({ ctx, inspect: { sql } }) => {
    await assert.rejects(getMe(ctx), (error) => isFailure(error, "not_signed_in"));
    const user = await register(ctx);
    const { accessToken } = await logIn(ctx, { email: user.email, password });
    await sql`update users set status = 'deleted' where id = ${user.id}`;
    const person = await verifyAccessToken(ctx, accessToken);
    await assert.rejects(getMe(as(ctx, person)), (error) => isFailure(error, "not_signed_in"));
  });
});
