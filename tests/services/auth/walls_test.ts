import assert from "node:assert/strict";
import { demoPeople, seedPeople } from "../../../dev/seed/people.ts";
import type { Session, Sql } from "../../../lib/database.ts";
import { logIn, logOut, verifyAccessToken } from "../../../services/auth/mod.ts";
import { as, type AuthCtx, password, register, withAuth } from "./auth_world.ts";

/** Runs SQL as the application would for a person, whatever the code's own checks say. */
function actingAs<T>(ctx: AuthCtx, userId: string, work: (sql: Sql) => Promise<T>): Promise<T> {
  const session: Session = { role: "almanac_app", userId, staff: false };
  return ctx.database.transaction(session, work);
}

Deno.test("a person's transaction sees no row of another in users and sessions, and changes none", async () => {
  await withAuth(async ({ ctx, inspect: { sql: past } }) => {
    const ada = await register(ctx);
    const bob = await register(ctx, "bob@example.com", "Bob Byron");
    for (const { email } of [ada, bob]) await logIn(ctx, { email, password });
    for (const { id } of [ada, bob]) {
      const [users, sessions] = await actingAs(ctx, id, (sql) =>
        Promise.all([
          sql`select id from users`,
          sql`select user_id as id from sessions`,
        ]));
      assert.deepEqual([[...users], [...sessions]], [[{ id }], [{ id }]]);
    }
    const changed = await actingAs(
      ctx,
      ada.id,
      (sql) =>
        sql`update sessions set revoked_at = now(), revoke_reason = 'staff' where user_id = ${bob.id}`,
    );
    assert.equal(changed.count, 0);
    const nobody = await actingAs(ctx, "", (sql) => sql`select id from users`);
    assert.equal(nobody.length, 0);
    assert.equal((await past`select from sessions where revoked_at is not null`).length, 0);
  });
});

Deno.test("a person's transaction reads no password, no token, no key, and makes no person", async () => {
  await withAuth(async ({ ctx }) => {
    const { id } = await register(ctx);
    const attempts: ((sql: Sql) => Promise<unknown>)[] = [
      (sql) => sql`select password_hash from users`,
      (sql) => sql`select failed_login_count from users`,
      (sql) => sql`select token_hash from sessions`,
      (sql) => sql`select digest from api_keys`,
      (sql) => sql`update api_keys set scopes = '{people:write}'`,
      (sql) => sql`delete from api_keys`,
      (sql) => sql`select private_jwk_encrypted from signing_keys`,
      (sql) => sql`update users set role = 'admin'`,
      (sql) => sql`update sessions set user_id = ${ctx.newId()}`,
      (sql) => sql`delete from sessions`,
      (sql) => sql`select action from audit_log`,
    ];
    for (const attempt of attempts) {
      await assert.rejects(actingAs(ctx, id, attempt), { code: "42501" }, attempt.toString());
    }
  });
});

Deno.test("logOut() with somebody else's session id in hand ends nothing", async () => {
  await withAuth(async ({ ctx, inspect: { sql } }) => {
    const ada = await register(ctx);
    const bob = await register(ctx, "bob@example.com", "Bob Byron");
    const [a, b] = [
      await verifyAccessToken(ctx, (await logIn(ctx, { email: ada.email, password })).accessToken),
      await verifyAccessToken(ctx, (await logIn(ctx, { email: bob.email, password })).accessToken),
    ];
    await logOut(as(ctx, { ...a, sessionId: b.sessionId }));
    assert.equal((await sql`select from sessions where revoked_at is not null`).length, 0);
  });
});

Deno.test("seedPeople() puts four people in, once", async () => {
  await withAuth(async ({ ctx, inspect: { sql } }) => {
    await seedPeople(sql);
    await sql`update users set name = 'Renamed' where id = ${demoPeople.client.id}`;
    await seedPeople(sql);
    const rows = await sql`select email, role, name from users order by email`;
    assert.deepEqual(rows.map(({ email, role }) => `${email} ${role}`), [
      "demo.user@demo.com client",
      "john.advisor@demo.com admin",
      "michael.client@demo.com client",
      "sarah.planner@demo.com planner",
    ]);
    assert.equal(rows[2]?.name, "Renamed");
    const { user } = await logIn(ctx, { email: "john.advisor@demo.com", password: "Demo123!" });
    assert.equal(user.id, demoPeople.admin.id);
    assert.ok(user.permissions.includes("people:write"));
  });
});
