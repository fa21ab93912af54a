import assert from "node:assert/strict";
import { uuidv7Maker } from "../../../lib/ids.ts";
import { systemRandom } from "../../../lib/random.ts";
import { dayMs } from "../../../lib/time.ts";
import { type SignedUp, type TestApp, withApp } from "../../support/app.ts";
import { endpointsOf } from "../../support/endpoints.ts";
import { allPermissions, signToken } from "../../support/tokens.ts";
import { call, makePlan } from "../../services/plans/plans_world.ts";

/** Lists whose cursor is no place among somebody's rows, each with why it is none. */
const unsealed: Record<string, string> = {
  "GET /v1/bars/:symbol": "a moment of a public series, in a document that is kept for everybody",
};

interface Listed {
  items: { id: string }[];
  nextCursor: string | null;
}

async function list(app: TestApp, person: SignedUp, path: string) {
  const response = await app.request(path, {
    token: person.token,
    headers: { host: "evil.example" },
  });
  assert.equal(response.status, 200, `${path}: ${await response.clone().text()}`);
  const page: Listed = await response.json();
  const link = response.headers.get("link");
  const next = /^<(\/[^>]+)>; rel="next"$/.exec(link ?? "")?.[1];
  assert.equal(next === undefined, page.nextCursor === null, path);
  return { ids: page.items.map(({ id }) => id), cursor: page.nextCursor ?? "", next };
}

/** Every id of a list by following its links; `between` is done after each page. */
async function walk(
  app: TestApp,
  person: SignedUp,
  path: string,
  between: (page: number) => Promise<unknown> = () => Promise.resolve(),
): Promise<string[]> {
  const ids: string[] = [];
  let next: string | undefined = path;
  for (let page = 0; next !== undefined; page++) {
    assert.ok(page < 50, "a list that does not end");
    const answer: Awaited<ReturnType<typeof list>> = await list(app, person, next);
    ids.push(...answer.ids);
    next = answer.next;
    await between(page);
  }
  return ids;
}

const idMaker = (ms: number) => uuidv7Maker(() => ms, systemRandom);

async function refusal(app: TestApp, token: string, path: string): Promise<string> {
  const response = await app.request(path, { token });
  const { code, errors } = await response.json();
  return `${response.status} ${code} ${errors?.[0]?.path}`;
}

Deno.test("no list takes a place that was not sealed for it and for who asks", async () => {
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    const planId = await makePlan(app, ada);
    const alert = { kind: "price", symbol: "AAPL", direction: "above", level: "100000" };
    const { body: { id: alertId } } = await call(app, ada, "POST", "/v1/alerts", alert);
    const token = await signToken(app, ada.userId, allPermissions);
    const { keys } = app.deps.context("test", { address: "", userAgent: "" });
    const cursors = await keys.cursors();
    const lists = endpointsOf(app).filter(({ route, method, checks }) => {
      const keys = checks.flatMap(({ target, schema }) =>
        target === "query" && "shape" in schema ? Object.keys(schema.shape as object) : []
      );
      const parameter = keys.find((key) => key === "cursor" || key === "since");
      return method === "GET" && parameter !== undefined && !(route in unsealed);
    });
    assert.ok(lists.length >= 9, lists.map(({ route }) => route).join());
    for (const { path } of lists) {
      const parameter = path === "/v1/changes" ? "since" : "cursor";
      const at = path.replace(":id", path.startsWith("/v1/alerts") ? alertId : planId);
      const wrong = [
        "1",
        planId,
        `1700000000000~${planId}`,
        cursors.seal("1", `${ada.userId}\n/v1/elsewhere`),
        cursors.seal("1", `${crypto.randomUUID()}\n${at}`),
        // Ours, but from before the list's order was changed.
        cursors.seal("of another order", `${ada.userId}\n${at}`),
      ];
      for (const cursor of wrong) {
        const asked = `${at}?${parameter}=${encodeURIComponent(cursor)}`;
        const refused = `422 invalid_request ${parameter}`;
        assert.equal(await refusal(app, token, asked), refused, asked);
      }
    }
  });
});

Deno.test("a cursor is good for its own list and its own person alone", async () => {
  await withApp(async (app) => {
    const [ada, bob] = [await app.signUp("ada"), await app.signUp("bob")];
    const ids = [await makePlan(app, ada), await makePlan(app, ada)];
    for (const id of ids) {
      await call(app, ada, "PATCH", `/v1/plans/${id}`, { name: "Second" }, { "if-match": "*" });
    }
    const plans = await list(app, ada, "/v1/plans?limit=1");
    const versions = await list(app, ada, `/v1/plans/${ids[0]}/versions?limit=1`);
    assert.equal(
      await refusal(app, bob.token, `/v1/plans?cursor=${plans.cursor}`),
      "422 invalid_request cursor",
    );
    assert.equal(
      await refusal(app, ada.token, `/v1/alerts?cursor=${plans.cursor}`),
      "422 invalid_request cursor",
    );
    const other = `/v1/plans/${ids[1]}/versions?cursor=${versions.cursor}`;
    assert.equal(await refusal(app, ada.token, other), "422 invalid_request cursor");
    // The same list under another spelling of the plan's id.
    const capitals = `/v1/plans/${
      ids[0]?.toUpperCase()
    }/versions?limit=1&cursor=${versions.cursor}`;
    assert.equal((await list(app, ada, capitals)).cursor, "");
  });
});

Deno.test("the link to the next page keeps filters and length, and goes by path, whatever the Host header says", async () => {
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    const staff = await signToken(app, ada.userId, allPermissions);
    await app.settle();
    for (let n = 0; n < 3; n++) {
      const json = {
        to: ada.userId,
        type: "plan_ready",
        data: { planName: `${n}`, planId: "x", successPercent: 1 },
      };
      const sent = await app.request("/v1/notifications", { method: "POST", token: staff, json });
      assert.equal(sent.status, 202);
      await sent.body?.cancel();
    }
    await app.settle();
    const first = await list(app, ada, "/v1/notifications?type=plan_ready&channel=in_app&limit=2");
    const next = new URL(first.next ?? "", "http://x");
    assert.equal(next.pathname, "/v1/notifications");
    assert.deepEqual(Object.fromEntries(next.searchParams), {
      type: "plan_ready",
      channel: "in_app",
      limit: "2",
      cursor: first.cursor,
    });
    assert.equal((await list(app, ada, first.next ?? "")).ids.length, 1);
    assert.equal((await walk(app, ada, "/v1/inbox?limit=1")).length, 4);
  });
});

Deno.test("a plan's place is by when we got it, so that ids of a client's choice neither jump the queue nor hide", async () => {
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    const made: string[] = [];
    // A phone with a wrong clock, one that was long without a network, and one that chooses nothing.
    for (const ms of [Date.now() + dayMs / 2, 1_000, undefined, Date.now(), 5, undefined]) {
      made.push(await makePlan(app, ada, ms === undefined ? {} : { id: idMaker(ms)() }));
    }
    assert.deepEqual(await walk(app, ada, "/v1/plans?limit=2"), made.toReversed());
    assert.deepEqual(await walk(app, ada, "/v1/plans"), made.toReversed());
  });
});

Deno.test("while plans come and go between the pages, those that stay are seen once each and in order", async () => {
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    const made: string[] = [];
    for (let n = 0; n < 8; n++) made.push(await makePlan(app, ada));
    // All in one millisecond, where only the id tells them apart.
    await app.inspect.sql`update plans set created_at = '2026-01-01T00:00:00Z'`;
    const order = made.toSorted().toReversed();
    const gone = [order[0], order[1], order[4], order[7]];
    const seen = await walk(app, ada, "/v1/plans?limit=2", async (page) => {
      // The one that the cursor names among them, and new ones before and behind it.
      const id = gone[page];
      if (id === undefined) return;
      await call(app, ada, "DELETE", `/v1/plans/${id}`, undefined, { "if-match": "*" });
      await makePlan(app, ada, { id: idMaker(page === 0 ? 5 : Date.now() + dayMs / 2)() });
    });
    const staying = order.filter((id) => !gone.includes(id));
    assert.deepEqual(seen.filter((id) => staying.includes(id)), staying);
    assert.equal(new Set(seen).size, seen.length, "nothing twice");
  });
});
