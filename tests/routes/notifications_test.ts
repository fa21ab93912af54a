import assert from "node:assert/strict";
import { type SignedUp, type TestApp, withApp } from "../support/app.ts";
import { withRole } from "../support/staff.ts";

const path = "/v1/notifications";
const planReady = { planName: "Retire at 65", planId: "p", successPercent: 81 };

interface Cast {
  app: TestApp;
  ada: SignedUp;
  bob: SignedUp;
  staff: SignedUp;
}

async function withCast(work: (cast: Cast) => Promise<void>) {
  await withApp(async (app) => {
    const [ada, bob, joan] = [
      await app.signUp("ada"),
      await app.signUp("bob"),
      await app.signUp("joan"),
    ];
    await work({ app, ada, bob, staff: await withRole(app, joan, "admin") });
  });
}

async function send({ app, staff }: Cast, json: unknown) {
  const response = await app.request(path, { method: "POST", token: staff.token, json });
  return { status: response.status, body: await response.json() };
}

async function get(app: TestApp, { token }: SignedUp, where: string) {
  const response = await app.request(`${path}${where}`, { token });
  return { status: response.status, body: await response.json() };
}

Deno.test("staff tell several people something under one id, by which its messages are found", async () => {
  await withCast(async (cast) => {
    const { app, ada, bob, staff } = cast;
    const { status, body } = await send(cast, {
      to: [ada.userId, bob.userId, ada.userId],
      type: "plan_ready",
      data: planReady,
      channels: ["email", "in_app"],
    });
    assert.equal(status, 202);
    assert.equal(body.recipients, 2);
    await app.settle();
    const { body: list } = await get(app, staff, `?requestId=${body.id}`);
    assert.deepEqual(
      list.items.map((one: { userId: string; channel: string; status: string }) =>
        [one.userId, one.channel, one.status].join(" ")
      ).sort(),
      [ada, bob].flatMap(({ userId }) => [`${userId} email sent`, `${userId} in_app delivered`])
        .sort(),
    );
    const mail = app.standIns.sendgrid.messages().at(-1);
    assert.equal(mail?.subject, "Retire at 65: 81 of 100 futures work out");
    const audit = await app.inspect.sql`
      select actor_id, entity_id from audit_log where action = 'notification.requested'`;
    assert.deepEqual({ ...audit[0] }, { actor_id: staff.userId, entity_id: body.id });
  });
});

Deno.test("the same message under the same key is not sent again, and answered with where it is", async () => {
  await withCast(async (cast) => {
    const { app, ada } = cast;
    const json = { to: ada.userId, type: "plan_ready", data: planReady, dedupeKey: "plan p v1" };
    const [first, second] = [await send(cast, json), await send(cast, json)];
    assert.equal(second.status, 202);
    assert.deepEqual(second.body, first.body);
    await app.settle();
    const mails = app.standIns.sendgrid.messages().filter(({ subject }) =>
      subject.startsWith("Retire")
    );
    assert.equal(mails.length, 1);
  });
});

Deno.test("a person finds their own messages and why each went where it went, and nobody else's; staff find all", async () => {
  await withCast(async (cast) => {
    const { app, ada, bob, staff } = cast;
    await app.settle();
    const mine = await get(app, ada, "?type=welcome&channel=email");
    const [{ id }] = mine.body.items;
    const { body: trace } = await get(app, ada, `/${id}/trace`);
    assert.equal(trace.notification.userId, ada.userId);
    assert.deepEqual(
      trace.steps.map((step: { status: string; reason: string }) =>
        `${step.status}: ${step.reason}`
      ),
      ["queued: email is on for welcome", "sent: accepted by sendgrid"],
    );
    assert.equal(trace.steps[1].provider, "sendgrid");
    for (const where of [`/${id}`, `/${id}/trace`]) {
      assert.equal((await get(app, ada, where)).status, 200);
      assert.equal((await get(app, staff, where)).status, 200);
      const foreign = await get(app, bob, where);
      assert.equal(`${foreign.status} ${foreign.body.code}`, "404 not_found", where);
      const malformed = await get(app, ada, where.replace(id, "1"));
      assert.equal(malformed.status, 404);
    }
    const { body: bobs } = await get(app, bob, "");
    assert.ok(bobs.items.length > 0);
    assert.ok(bobs.items.every(({ userId }: { userId: string }) => userId === bob.userId));
    const { body: everybodys } = await get(app, staff, "?type=welcome&channel=in_app");
    assert.equal(everybodys.items.length, 3);
  });
});

Deno.test("messages are listed latest first, in pages that end where the list does", async () => {
  await withCast(async (cast) => {
    const { app, ada } = cast;
    for (const planName of ["a", "b", "c"]) {
      const data = { ...planReady, planName };
      await send(cast, { to: ada.userId, type: "plan_ready", data, channels: ["in_app"] });
    }
    const first = await get(app, ada, "?type=plan_ready&limit=2");
    assert.equal(first.body.items.length, 2);
    const rest = await get(app, ada, `?type=plan_ready&limit=2&cursor=${first.body.nextCursor}`);
    assert.equal(rest.body.items.length, 1);
    assert.equal(rest.body.nextCursor, null);
    const ids = [...first.body.items, ...rest.body.items].map(({ id }: { id: string }) => id);
    assert.deepEqual(ids, ids.toSorted().toReversed());
    const exact = await get(app, ada, "?type=plan_ready&limit=3");
    assert.equal(exact.body.nextCursor, null);
  });
});

const refused: [what: string, change: Record<string, unknown>, answer: string][] = [
  ["nobody", { to: crypto.randomUUID() }, "404 not_found"],
  ["no type of ours", { type: "gossip" }, "422 invalid_request"],
  ["a hole in the text", { data: { planName: "x" } }, "422 invalid_request"],
  ["a list for a number", { data: { ...planReady, successPercent: [1] } }, "422 invalid_request"],
  ["a channel twice", { channels: ["email", "email"] }, "422 invalid_request"],
  ["no channel", { channels: [] }, "422 invalid_request"],
  ["an unknown field", { colour: "red" }, "422 invalid_request"],
  ["a moment that is none", { sendAt: "tomorrow" }, "422 invalid_request"],
  ["the year 0", { expiresAt: "0000-01-01T00:00:00Z" }, "422 invalid_request"],
];

Deno.test("a message that does not fit is refused, and one unknown recipient keeps it from all", async () => {
  await withCast(async (cast) => {
    const { app, ada } = cast;
    const right = { to: ada.userId, type: "plan_ready", data: planReady };
    for (const [what, change, answer] of refused) {
      const { status, body } = await send(cast, { ...right, ...change });
      assert.equal(`${status} ${body.code}`, answer, what);
    }
    const both = await send(cast, { ...right, to: [ada.userId, crypto.randomUUID()] });
    assert.equal(both.status, 404);
    const rows = await app.inspect.sql`select from notifications where type = 'plan_ready'`;
    assert.equal(rows.length, 0);
  });
});

Deno.test("only staff tell people things, and whoever is not signed in sees nothing", async () => {
  await withCast(async ({ app, ada, bob }) => {
    const json = { to: bob.userId, type: "plan_ready", data: planReady };
    const tried = await app.request(path, { method: "POST", token: ada.token, json });
    assert.equal(tried.status, 403);
    await tried.body?.cancel();
    for (
      const [method, where] of [
        ["POST", ""],
        ["GET", ""],
        ["GET", `/${crypto.randomUUID()}`],
        ["GET", `/${crypto.randomUUID()}/trace`],
      ]
    ) {
      const response = await app.request(`${path}${where}`, {
        method,
        ...(method === "POST" ? { json } : {}),
      });
      assert.equal(response.status, 401, `${method} ${where}`);
      await response.body?.cancel();
    }
  });
});

Deno.test("a person's transaction writes no message and no step of one, and reads nobody else's", async () => {
  await withCast(async ({ app, ada, bob }) => {
    await app.settle();
    const database = app.deps.context("test", { address: "", userAgent: "" }).database;
    const session = { role: "almanac_app", userId: ada.userId, staff: false } as const;
    const seen = await database.transaction(
      session,
      (sql) => sql<{ user_id: string }[]>`select distinct user_id from notification_events`,
    );
    assert.deepEqual(seen.map(({ user_id }) => user_id), [ada.userId]);
    const marked = await database.transaction(
      session,
      (sql) => sql`update notifications set read_at = now() where user_id = ${bob.userId}`,
    );
    assert.equal(marked.count, 0);
    const attempts = ["update notifications set status = 'queued'", "delete from notifications"];
    for (const attempt of attempts) {
      const refusal = database.transaction(session, (sql) => sql`${sql.unsafe(attempt)}`);
      await assert.rejects(refusal, { code: "42501" }, attempt);
    }
    await assert.rejects(
      database.transaction(session, (sql) => sql`select 1 from receipts`),
      { code: "42501" },
    );
  });
});
