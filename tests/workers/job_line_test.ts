import assert from "node:assert/strict";
import { fail } from "../../lib/errors.ts";
import { createLog } from "../../lib/log.ts";
import { asSystem, type Ctx, inTransaction } from "../../services/ctx.ts";
import { enqueueJob, enqueueJobs, publishOutbox } from "../../services/jobs/mod.ts";
import { type TestApp, type TestAppOptions, withApp } from "../support/app.ts";
import { shortJob, withDoor } from "./door.ts";

const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
const traceparent = `00-${traceId}-00f067aa0ba902b7-01`;

type Line = Record<string, unknown>;

/** An app whose every line can be read. */
function listening(): { options: TestAppOptions; lines(message: string): Line[] } {
  const written: string[] = [];
  const log = createLog({
    level: "info",
    format: "json",
    now: Date.now,
    write: (text) => written.push(text),
  });
  const lines = (message: string) => {
    log.flush();
    return written.join("\n").split("\n").filter(Boolean).map((line): Line => JSON.parse(line))
      .filter((line) => line.message === message);
  };
  return { options: { world: { log } }, lines };
}

Deno.test("a delivery writes one line, whatever came of it: job, run, attempt, outcome, time and request", async () => {
  const { options, lines } = listening();
  const outcomes: [during: () => void, level: string, outcome: string][] = [
    [() => {}, "info", "done"],
    [() => fail("unavailable"), "warn", "failed"],
    [() => fail("not_found"), "warn", "poison"],
    [() => assert.fail("a bug"), "error", "failed"],
  ];
  let during = () => {};
  await withDoor([shortJob(() => during())], async (door) => {
    for (const [at, [work, level, outcome]] of outcomes.entries()) {
      during = work;
      const before = lines("job").length;
      const message = {
        key: `k${at}`,
        version: 3,
        payload: {},
        requestId: "request-77",
        traceparent,
      };
      await door.send("short_test", message, { messageId: `msg_${at}` });
      const written = lines("job").slice(before).filter(({ job }) => job === "short_test");
      assert.equal(written.length, 1, outcome);
      const [line = {}] = written;
      assert.deepEqual(
        { ...line, time: 0, elapsedMs: 0, error: 0 },
        {
          time: 0,
          level,
          message: "job",
          job: "short_test",
          key: `k${at}`,
          version: 3,
          messageId: `msg_${at}`,
          requestId: "request-77",
          traceId,
          attempt: 1,
          elapsedMs: 0,
          outcome,
          error: 0,
        },
      );
      assert.equal(typeof line.elapsedMs, "number");
      assert.equal(line.error === undefined, outcome === "done");
    }
    assert.deepEqual(lines("job door"), []);
  }, options);
});

Deno.test("a job's line names the request and the trace that it goes back to, also through another job", async () => {
  const { options, lines } = listening();
  const mailed: (string | null)[] = [];
  const listen: typeof fetch = (input, init) => {
    if (String(input).endsWith("/mail/send")) {
      mailed.push(new Headers(init?.headers).get("traceparent"));
    }
    return fetch(input, init);
  };
  await withApp(async (app) => {
    await inTransaction(system(app, "request-1"), async (tx) => {
      await enqueueJob(tx, { job: "apply_receipts", key: "one" });
      await enqueueJobs(tx, [{ job: "apply_receipts", key: "two" }]);
    });
    await publishOutbox(system(app, "outbox"));
    await app.settle();
    for (const key of ["one", "two"]) {
      const [line = {}] = lines("job").filter((line) => line.key === key);
      assert.deepEqual([line.requestId, line.traceId], ["request-1", traceId], key);
    }
    const response = await app.request("/v1/auth/register", {
      method: "POST",
      json: { email: "ada@example.com", password: "a-fine-long-passphrase", name: "Ada" },
      headers: { "x-request-id": "request-2", traceparent },
    });
    await response.body?.cancel();
    await app.settle();
    const jobs = lines("job").filter((line) => line.requestId === "request-2");
    assert.deepEqual(
      [...new Set(jobs.map(({ job }) => job))].toSorted(),
      ["dispatch_notifications", "notify_person"],
    );
    assert.ok(jobs.every((line) => line.traceId === traceId));
    const [request = {}] = lines("request").filter(({ id }) => id === "request-2");
    assert.equal(request.traceId, traceId);
    const runs = await app.inspect.sql`select from job_runs where request_id = 'request-2'`;
    assert.equal(runs.length, jobs.length);
    // The mail that came of it carries the trace on to the vendor.
    assert.deepEqual(mailed, [traceparent]);
  }, { world: { ...options.world, fetch: listen } });
});

function system(app: TestApp, requestId: string): Ctx {
  const trace = { traceId, traceparent };
  return asSystem(app.deps.context(requestId, { address: "", userAgent: "", trace }), "test");
}
