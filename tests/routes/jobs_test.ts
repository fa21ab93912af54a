import assert from "node:assert/strict";
import { type TestApp, withApp } from "../support/app.ts";
import { allPermissions, signToken } from "../support/tokens.ts";

interface Run {
  job: string;
  key: string;
  state: string;
  startedAt: string;
}

async function withRuns(work: (app: TestApp, token: string) => Promise<void>): Promise<void> {
  await withApp(async (app) => {
    // Five in one moment, and one an hour before and after.
    await app.inspect.sql`
      insert into job_runs (job, key, version, state, started_at, finished_at, duration_ms)
      select 'apply_receipts', key, 1, 'succeeded', '2026-01-01T12:00:00Z', '2026-01-01T12:00:01Z', 1000
      from unnest(array['a', 'b', 'c', 'd', 'e']) key`;
    await app.inspect.sql`
      insert into job_runs (job, key, version, state, started_at, error_code) values
        ('judge_alerts', 'later', 7, 'failed', '2026-01-01T13:00:00Z', 'unavailable'),
        ('judge_alerts', 'earlier', 6, 'dead', '2026-01-01T11:00:00Z', 'poison')`;
    await work(app, await signToken(app, crypto.randomUUID(), allPermissions));
  });
}

async function list(app: TestApp, token: string, query = "") {
  const response = await app.request(`/v1/jobs${query}`, { token });
  assert.equal(response.status, 200, await response.clone().text());
  return await response.json() as { items: Run[]; nextCursor: string | null };
}

Deno.test("staff see the runs of jobs, latest first, with what became of them", async () => {
  await withRuns(async (app, token) => {
    const { items, nextCursor } = await list(app, token);
    assert.equal(nextCursor, null);
    assert.deepEqual(items.map(({ key }) => key), ["later", "e", "d", "c", "b", "a", "earlier"]);
    assert.deepEqual(items[0], {
      job: "judge_alerts",
      key: "later",
      version: 7,
      state: "failed",
      attempts: 1,
      startedAt: "2026-01-01T13:00:00.000Z",
      finishedAt: null,
      durationMs: null,
      errorCode: "unavailable",
      progress: null,
      requestId: null,
    });
  });
});

Deno.test("page by page, every run is seen once, also those that started in the same millisecond", async () => {
  await withRuns(async (app, token) => {
    for (const limit of [1, 2, 3, 7]) {
      const keys: string[] = [];
      let cursor: string | null = null;
      do {
        const after: string = cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`;
        const page = await list(app, token, `?limit=${limit}${after}`);
        assert.ok(page.items.length <= limit);
        keys.push(...page.items.map(({ key }) => key));
        cursor = page.nextCursor;
      } while (cursor !== null);
      assert.deepEqual(keys, ["later", "e", "d", "c", "b", "a", "earlier"], `by ${limit}`);
    }
  });
});

Deno.test("runs are found by job, state and moment", async () => {
  await withRuns(async (app, token) => {
    const keys = async (query: string) =>
      (await list(app, token, query)).items.map(({ key }) => key);
    assert.deepEqual(await keys("?name=judge_alerts"), ["later", "earlier"]);
    assert.deepEqual(await keys("?state=dead"), ["earlier"]);
    assert.deepEqual(await keys("?before=2026-01-01T12:00:00Z"), ["earlier"]);
    assert.deepEqual(await keys("?name=nothing_has_this_name"), []);
  });
});

Deno.test("a filter or cursor that is none of ours is refused", async () => {
  await withRuns(async (app, token) => {
    for (
      const query of [
        "?state=lost",
        "?name=A",
        "?limit=0",
        "?limit=101",
        "?cursor=x",
        "?cursor=1~a~b~c",
        "?cursor=999999999999999~a~a~1",
        "?before=0000-01-01T00:00:00Z",
        "?before=9999-12-31T23:59:59Z",
        "?before=now",
      ]
    ) {
      const response = await app.request(`/v1/jobs${query}`, { token });
      assert.equal(response.status, 422, query);
      await response.body?.cancel();
    }
  });
});
