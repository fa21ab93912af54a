import assert from "node:assert/strict";
import { dayMs } from "../../lib/time.ts";
import { permissionsOf } from "../../services/auth/model/mod.ts";
import type { ErrorGroup, StoredEvent } from "../../services/ops/mod.ts";
import { type TestApp, withApp } from "../support/app.ts";
import { pollUntil } from "../support/poll.ts";
import { allPermissions, signToken } from "../support/tokens.ts";

interface Listed<Item> {
  items: Item[];
  nextCursor: string | null;
}

const staffToken = (app: TestApp) => signToken(app, crypto.randomUUID(), allPermissions);

async function read<Body>(app: TestApp, path: string, init: object = {}): Promise<Body> {
  const response = await app.request(path, init);
  assert.equal(response.status, 200, await response.clone().text());
  return await response.json();
}

async function errorsOf(app: TestApp, query = ""): Promise<ErrorGroup[]> {
  const { items } = await read<Listed<ErrorGroup>>(app, `/v1/errors${query}`, {
    token: await staffToken(app),
  });
  return items;
}

async function eventsOf(app: TestApp, query = ""): Promise<StoredEvent[]> {
  const { items } = await read<Listed<StoredEvent>>(app, `/v1/system-events${query}`, {
    token: await staffToken(app),
  });
  return items;
}

/** Waits for what is written behind the requests. */
async function first<Item>(what: string, list: () => Promise<Item[]>): Promise<Item> {
  await pollUntil(what, async () => (await list()).length > 0);
  const [item] = await list();
  return item ?? assert.fail(what);
}

/** Runs `work` while reading plans is a bug. */
async function withBug(app: TestApp, work: () => Promise<void>): Promise<void> {
  await app.inspect.sql`alter table plans rename to plans_elsewhere`;
  await work();
  await app.inspect.sql`alter table plans_elsewhere rename to plans`;
  app.logged.splice(0);
}

async function hit(app: TestApp, token: string, times: number): Promise<string[]> {
  const ids: string[] = [];
  for (let time = 0; time < times; time++) {
    const response = await app.request("/v1/plans/0190b0f0-0000-7000-8000-00000000abcd", { token });
    assert.equal(response.status, 500);
    ids.push(response.headers.get("x-request-id") ?? "");
    await response.body?.cancel();
  }
  return ids;
}

Deno.test("a bug that many requests meet is one group, with how often, where, and the last request", async () => {
  await withApp(async (app) => {
    const { token } = await app.signUp();
    await app.settle();
    await withBug(app, async () => {
      const ids = await hit(app, token, 7);
      await pollUntil("all to be counted", async () => (await errorsOf(app))[0]?.count === 7);
      const [group, ...others] = await errorsOf(app);
      assert.deepEqual(others, []);
      assert.equal(group?.name, "PostgresError");
      assert.equal(group?.code, "42P01");
      assert.equal(group?.template, "relation … does not exist");
      assert.equal(group?.state, "open");
      assert.equal(group?.lastRequestId, ids.at(-1));
      assert.equal(group?.lastRoute, "GET /v1/plans/:id");
      assert.match(group?.place ?? "", /services\/plans\/load_plan\.ts/);
      assert.ok(group?.stack.some((line) => line.includes("services/plans/load_plan.ts:")));
      const token2 = await staffToken(app);
      const one = await read<ErrorGroup>(app, `/v1/errors/${group?.id}`, { token: token2 });
      assert.deepEqual(one, group);
    });
  });
});

Deno.test("an error that is dealt with is resolved by name; when it is back it opens again, and that is told", async () => {
  await withApp(async (app) => {
    const { token } = await app.signUp();
    const staff = await app.signUp("staff");
    await app.settle();
    const staffed = await signToken(app, staff.userId, allPermissions);
    await withBug(app, async () => {
      await hit(app, token, 1);
      const { id } = await first("a group", () => errorsOf(app));
      const resolve = () =>
        read<ErrorGroup>(app, `/v1/errors/${id}/resolve`, { method: "POST", token: staffed });
      const resolved = await resolve();
      assert.deepEqual([resolved.state, resolved.resolvedBy], ["resolved", staff.userId]);
      assert.deepEqual(await resolve(), resolved, "once more changes nothing");
      assert.deepEqual(await errorsOf(app, "?state=open"), []);
      assert.equal((await errorsOf(app, "?state=resolved")).length, 1);

      await hit(app, token, 2);
      const event = await first("the event", () => eventsOf(app, "?kind=error_regressed"));
      assert.deepEqual(event.details, { errorId: id });
      const [back] = await errorsOf(app, "?state=open");
      assert.deepEqual([back?.id, back?.regressed, back?.resolvedAt], [id, 1, null]);

      await resolve();
      const reopened = await read<ErrorGroup>(app, `/v1/errors/${id}/reopen`, {
        method: "POST",
        token: staffed,
      });
      assert.deepEqual([reopened.state, reopened.regressed], ["open", 1]);
      const audit = await app.inspect.sql<{ action: string; actor_id: string }[]>`
        select action, actor_id from audit_log where entity_id = ${id} order by at, id`;
      assert.deepEqual(audit.map(({ action }) => action), [
        "error_group.resolved",
        "error_group.resolved",
        "error_group.reopened",
      ]);
      assert.ok(audit.every(({ actor_id }) => actor_id === staff.userId));
    });
  });
});

Deno.test("nothing of a person is kept of an error: no address in its message, no value in what Postgres says of a row", async () => {
  const canary = "ada.lovelace.canary@example.com";
  await withApp(async (app) => {
    const { log } = app.deps;
    const { sql } = app.inspect;
    await sql`create table canaries (email text primary key)`;
    await sql`insert into canaries values (${canary})`;
    const unique: unknown = await sql`insert into canaries values (${canary})`.catch((error) =>
      error
    );
    assert.ok(Deno.inspect(unique).includes(canary), "Postgres does say it");
    log.error("met", { error: unique, id: "one", route: "POST /v1/canaries" });
    log.error("met", { error: new Error(`no mail to ${canary} today`), path: `/x/${canary}` });
    log.error("met", { error: new Error(`no mail to "Ada Canary" today`) });
    log.event({
      severity: "error",
      kind: "tested",
      message: `mail to ${canary}`,
      details: { canary },
    });
    await pollUntil("all to be written", async () => {
      return (await errorsOf(app)).length === 3 && (await eventsOf(app)).length === 1;
    });
    const kept = await sql`
      select (select json_agg(g)::text from error_groups g) || (select json_agg(e)::text from system_events e) as text`;
    assert.ok(!/lovelace|ada canary|example\.com/i.test(kept[0]?.text), kept[0]?.text);
    assert.ok(kept[0]?.text.includes("23505"));
    app.logged.splice(0);
  });
});

Deno.test("what was to be expected is no error: 503 while a part is away, and refusals", async () => {
  await withApp(async (app) => {
    const { token } = await app.signUp();
    const other = app.another({ DATABASE_URL: "postgres://nobody@127.0.0.1:9/none" });
    const headers = { authorization: `Bearer ${token}` };
    const away = await other.fetch(new Request(`${app.url}/v1/plans`, { headers }));
    assert.equal(away.status, 503);
    assert.equal((await app.request("/v1/plans?nonsense=1", { token })).status, 422);
    // Written in order, so that this one's arrival proves that the others will not come.
    app.deps.log.error("met", { error: new Error("unexpected") });
    await first("the one that was not expected", () => errorsOf(app));
    assert.deepEqual((await errorsOf(app)).map(({ template }) => template), ["unexpected"]);
    app.logged.splice(0);
  });
});

Deno.test("people who are not staff see none of it, and a client who is signed in is refused", async () => {
  await withApp(async (app) => {
    const { token } = await app.signUp();
    for (const role of ["client", "planner", "analyst", "viewer"] as const) {
      const theirs = await signToken(app, crypto.randomUUID(), permissionsOf(role, []));
      for (const path of ["/v1/errors", "/v1/system-events"]) {
        assert.equal((await app.request(path, { token: theirs })).status, 403, `${role} ${path}`);
      }
    }
    const id = "0190b0f0-0000-7000-8000-00000000dead";
    const response = await app.request(`/v1/errors/${id}/resolve`, { method: "POST", token });
    assert.equal(response.status, 403);
  });
});

Deno.test("page by page every event is seen once, latest first, and found by severity, kind and moment", async () => {
  await withApp(async (app) => {
    await app.inspect.sql`
      insert into system_events (id, at, last_at, severity, kind, message, instance)
      select gen_random_uuid(), at, at, case n % 2 when 0 then 'info' else 'error' end,
             'kind_' || n % 3, n::text, 'test'
      from (select n, '2026-01-01'::timestamptz + (n / 3) * interval '1 hour' as at
            from generate_series(0, 9) n) numbered`;
    const token = await staffToken(app);
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const after: string = cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`;
      const page: Listed<StoredEvent> = await read(app, `/v1/system-events?limit=3${after}`, {
        token,
      });
      seen.push(...page.items.map(({ message }) => message));
      cursor = page.nextCursor;
    } while (cursor !== null);
    assert.deepEqual(seen.toSorted(), ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
    assert.equal(seen[0], "9");
    assert.equal((await eventsOf(app, "?severity=error")).length, 5);
    assert.equal((await eventsOf(app, "?kind=kind_0")).length, 4);
    assert.equal((await eventsOf(app, "?since=2026-01-01T03:00:00Z")).length, 1);
    for (
      const wrong of ["?cursor=x", "?cursor=1~x", "?severity=loud", "?kind=A", "?since=now", "?x=1"]
    ) {
      assert.equal((await app.request(`/v1/system-events${wrong}`, { token })).status, 422, wrong);
    }
    assert.equal((await app.request("/v1/errors?cursor=1~x", { token })).status, 422);
  });
});

Deno.test("the job delete_old_notes forgets events of three months ago and errors resolved long since, and no open one", async () => {
  await withApp(async (app) => {
    const { sql } = app.inspect;
    const ago = (days: number) => new Date(Date.now() - days * dayMs);
    for (const [message, days] of [["old", 91], ["young", 89]] as const) {
      await sql`
        insert into system_events (id, at, last_at, severity, kind, message, instance)
        values (gen_random_uuid(), ${ago(days)}, ${ago(days)}, 'info', 'kind', ${message}, 'test')`;
    }
    for (
      const [n, state, days] of [[1, "resolved", 181], [2, "resolved", 179], [
        3,
        "open",
        400,
      ]] as const
    ) {
      const at = ago(days);
      await sql`
        insert into error_groups (id, fingerprint, name, template, place, first_seen_at, last_seen_at, count, state, resolved_at)
        values (gen_random_uuid(), ${`000000000000000${n}`}, 'Error', ${
        state + days
      }, 'x', ${at}, ${at}, 1,
                ${state}, ${state === "open" ? null : at})`;
    }
    await sql`insert into outbox (id, job, key, version, payload)
              values (gen_random_uuid(), 'delete_old_notes', 'test', 1, '{}')`;
    app.deps.context("test", { address: "", userAgent: "" }).queue.nudge();
    await app.settle();
    assert.deepEqual((await eventsOf(app)).map(({ message }) => message), ["young"]);
    const left = (await errorsOf(app)).map(({ template }) => template);
    assert.deepEqual(left, ["resolved179", "open400"]);
  });
});
