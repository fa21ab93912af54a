import assert from "node:assert/strict";
import type { Change, ChangeFeed } from "../../services/changes/schema.ts";
import { type SignedUp, type TestApp, withApp } from "../support/app.ts";
import { signToken } from "../support/tokens.ts";
import { call, makePlan, untilEnded } from "../services/plans/plans_world.ts";

type Reader = Pick<SignedUp, "token">;

async function ask(app: TestApp, reader: Reader, query = ""): Promise<ChangeFeed> {
  const { status, body } = await call(app, reader, "GET", `/v1/changes${query}`);
  assert.equal(status, 200, JSON.stringify(body));
  assert.equal(typeof body.nextCursor, "string");
  return body;
}

async function after(app: TestApp, reader: Reader, since: string): Promise<Change[]> {
  const { items, hasMore } = await ask(app, reader, `?since=${since}`);
  assert.equal(hasMore, false);
  return items;
}

const named = (items: Change[]) => items.map(({ kind, operation }) => `${kind} ${operation}`);
const any = { "if-match": "*" };

/** Somebody with one of everything, with nothing left to happen. */
async function furnish(app: TestApp) {
  const ada = await app.signUp("ada");
  const planId = await makePlan(app, ada);
  await call(app, ada, "PATCH", "/v1/preferences", { locale: "de" }, any);
  const alert = { kind: "price", symbol: "AAPL", direction: "above", level: "100000" };
  const { body: { id: alertId } } = await call(app, ada, "POST", "/v1/alerts", alert);
  const started = await call(app, ada, "POST", `/v1/plans/${planId}/simulations`, { paths: 1_000 });
  await untilEnded(app, ada, started.body.id);
  await app.settle();
  return { ada, planId, alertId, simulationId: started.body.id };
}

Deno.test("a new phone starts from one call: all that exists, each with where it is read", async () => {
  await withApp(async (app) => {
    const { ada } = await furnish(app);
    const { items, hasMore } = await ask(app, ada);
    assert.equal(hasMore, false);
    assert.deepEqual([...new Set(items.map(({ kind }) => kind))].toSorted(), [
      "alert",
      "inbox_item",
      "notification",
      "plan",
      "preferences",
      "profile",
      "simulation",
    ]);
    for (const { kind, id, operation, version, href } of items) {
      assert.equal(operation, "changed");
      const { status, body } = await call(app, ada, "GET", href);
      assert.equal(status, 200, href);
      if (kind !== "preferences") assert.equal(body.id, id, href);
      if (version !== undefined) assert.equal(version, body.version, href);
    }
    assert.equal(items.find(({ kind }) => kind === "plan")?.version, 1);
    // Page by page it is the same.
    const paged: Change[] = [];
    let query = "?limit=2";
    for (let more = true; more;) {
      const page = await ask(app, ada, query);
      assert.ok(page.items.length <= 2);
      paged.push(...page.items);
      query = `?limit=2&since=${page.nextCursor}`;
      more = page.hasMore;
    }
    assert.deepEqual(paged, items);
  });
});

Deno.test("each thing that somebody does on one phone is told to the other, once", async () => {
  await withApp(async (app) => {
    const { ada, planId, alertId, simulationId } = await furnish(app);
    let { nextCursor } = await ask(app, ada);
    const step = async (method: string, path: string, json?: unknown) => {
      const { status, body } = await call(app, ada, method, path, json, any);
      assert.ok(status < 300, `${path}: ${JSON.stringify(body)}`);
      await app.settle();
      const { items, nextCursor: next } = await ask(app, ada, `?since=${nextCursor}`);
      nextCursor = next;
      return named(items);
    };
    assert.deepEqual(await step("PATCH", `/v1/plans/${planId}`, { name: "Other" }), [
      "plan changed",
    ]);
    assert.deepEqual(await step("POST", `/v1/plans/${planId}/versions/1/restore`), [
      "plan changed",
    ]);
    assert.deepEqual(await step("PATCH", "/v1/preferences", { locale: "fr" }), [
      "preferences changed",
    ]);
    assert.deepEqual(await step("PATCH", `/v1/alerts/${alertId}`, { note: "x" }), [
      "alert changed",
    ]);
    const items = (await call(app, ada, "GET", "/v1/inbox")).body.items;
    const all = items.map(() => "inbox_item changed");
    assert.ok(all.length >= 2);
    assert.deepEqual(await step("POST", "/v1/inbox/read", { all: true }), all);
    assert.deepEqual(await step("POST", "/v1/inbox/read", { all: true }), [], "nothing was unread");
    assert.deepEqual(
      await step("POST", "/v1/inbox/archive", { ids: [items[0].id] }),
      all.slice(0, 1),
    );
    assert.deepEqual(await step("DELETE", `/v1/alerts/${alertId}`), ["alert deleted"]);
    assert.deepEqual(await step("GET", "/v1/plans"), []);
    const last = nextCursor;
    assert.deepEqual(await step("DELETE", `/v1/plans/${planId}`), [
      "simulation deleted",
      "plan deleted",
    ]);
    const [gone, plan] = await after(app, ada, last);
    assert.deepEqual([gone?.id, plan?.id], [simulationId, planId]);
    assert.equal((await call(app, ada, "GET", gone?.href ?? "")).status, 404);
  });
});

Deno.test("whoever starts now hears nothing of what was deleted before, and everything that is deleted after", async () => {
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    const ids: string[] = [];
    for (let n = 0; n < 4; n++) ids.push(await makePlan(app, ada));
    const drop = (id = "") => call(app, ada, "DELETE", `/v1/plans/${id}`, undefined, any);
    await app.settle();
    const old = await ask(app, ada);
    await drop(ids[0]);
    await drop(ids[3]);
    const first = await ask(app, ada, "?limit=2");
    assert.equal(first.hasMore, true);
    // While the new phone is between two pages.
    await drop(ids[1]);
    const rest: Change[] = [];
    let page = first;
    while (page.hasMore) {
      page = await ask(app, ada, `?limit=2&since=${page.nextCursor}`);
      rest.push(...page.items);
    }
    const heard = [...first.items, ...rest].filter(({ operation }) => operation === "deleted");
    assert.deepEqual(heard.map(({ id }) => id), [ids[1]]);
    assert.deepEqual(await after(app, ada, page.nextCursor), []);
    const known = await after(app, ada, old.nextCursor);
    assert.deepEqual(known.map(({ id, operation }) => [id, operation]), [
      [ids[0], "deleted"],
      [ids[3], "deleted"],
      [ids[1], "deleted"],
    ]);
  });
});

Deno.test("everybody follows their own changes alone, of what they may read", async () => {
  await withApp(async (app) => {
    const { ada } = await furnish(app);
    const bob = await app.signUp("bob");
    await app.settle();
    const [hers, his] = [await ask(app, ada), await ask(app, bob)];
    const ids = new Set(hers.items.map(({ id }) => id));
    assert.deepEqual(his.items.filter(({ id }) => ids.has(id)), []);
    await makePlan(app, bob);
    assert.deepEqual(await after(app, ada, hers.nextCursor), []);
    assert.deepEqual(named(await after(app, bob, his.nextCursor)), ["plan changed"]);
    const narrow = { token: await signToken(app, ada.userId, ["alerts:read"]) };
    assert.deepEqual(named((await ask(app, narrow)).items), ["profile changed", "alert changed"]);
  });
});

Deno.test("a place of somebody else's, of another list, or made up, is refused", async () => {
  await withApp(async (app) => {
    const [ada, bob] = [await app.signUp("ada"), await app.signUp("bob")];
    for (let n = 0; n < 2; n++) await makePlan(app, ada);
    const his = await ask(app, bob);
    const plans = (await call(app, ada, "GET", "/v1/plans?limit=1")).body.nextCursor;
    const own = (await ask(app, ada)).nextCursor;
    const forged = `${own.slice(0, 5)}${own[5] === "A" ? "B" : "A"}${own.slice(6)}`;
    for (const since of [his.nextCursor, plans, forged, "0", "1~2", "x".repeat(400)]) {
      const { status, body } = await call(app, ada, "GET", `/v1/changes?since=${since}`);
      assert.deepEqual([status, body.code, body.errors?.[0]?.path], [
        422,
        "invalid_request",
        "since",
      ]);
    }
    for (const query of ["limit=0", "limit=101", "cursor=x", `since=${"x".repeat(401)}`]) {
      assert.equal((await call(app, ada, "GET", `/v1/changes?${query}`)).status, 422, query);
    }
  });
});
