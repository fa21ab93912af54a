import assert from "node:assert/strict";
import { openDatabase } from "../../../lib/database.ts";
import type { Log } from "../../../lib/log.ts";
import { createLog, silentLog } from "../../../lib/log.ts";
import { uuidv7Maker } from "../../../lib/ids.ts";
import { systemRandom } from "../../../lib/random.ts";
import { createRecorder, type Recorder } from "../../../services/ops/create_recorder.ts";
import { recordedLog } from "../../../services/ops/hot.ts";
import { cloneDatabase } from "../../support/database.ts";
import { type Inspector, openInspector } from "../../support/inspector.ts";
import { pollUntil } from "../../support/poll.ts";
import { portOf, startTcpProxy, type TcpProxy, through } from "../../support/tcp_proxy.ts";

interface World {
  recorder: Recorder;
  proxy: TcpProxy;
  inspect: Inspector;
  logged: string[];
}

/** A recorder that reaches its database by way of a proxy. */
async function withRecorder(work: (world: World) => Promise<void>): Promise<void> {
  const clone = await cloneDatabase();
  const inspect = openInspector(clone.url);
  const proxy = startTcpProxy(portOf(clone.url));
  const logged: string[] = [];
  const log = createLog({
    level: "warn",
    format: "json",
    now: Date.now,
    write: (text) => logged.push(text),
  });
  const database = openDatabase({
    url: through(proxy, clone.url),
    poolMax: 2,
    prepare: false,
    deadlineMs: 300,
    systemDeadlineMs: 300,
    log: silentLog,
  });
  const newId = uuidv7Maker(Date.now, systemRandom);
  const recorder = createRecorder({ database: () => database, log, now: Date.now, newId });
  try {
    await work({ recorder, proxy, inspect, logged });
  } finally {
    await recorder.close();
    await database.close();
    log.flush();
    await proxy[Symbol.asyncDispose]();
    await inspect.close();
    await clone.drop();
  }
}

const event = (message: string) => ({ severity: "info" as const, kind: "tested", message });

async function messagesOf({ sql }: Inspector): Promise<string[]> {
  const rows = await sql<{ message: string; count: number }[]>`
    select message, count from system_events order by message`;
  return rows.map(({ message, count }) => `${message} ${count}`);
}

Deno.test("what is recorded is written within seconds, repeats as one row, and connects to nothing before that", async () => {
  await withRecorder(async ({ recorder, proxy, inspect }) => {
    const startedMs = performance.now();
    for (let time = 0; time < 1_000; time++) recorder.event(event("often"));
    recorder.event(event("once"));
    assert.ok(performance.now() - startedMs < 250, "nobody waits");
    assert.equal(proxy.taken(), 0);
    await pollUntil("both rows", async () => (await messagesOf(inspect)).length === 2);
    recorder.event(event("often"));
    await pollUntil("the repeat to be counted on", async () => {
      return (await messagesOf(inspect)).includes("often 1001");
    });
    assert.deepEqual(await messagesOf(inspect), ["often 1001", "once 1"]);
  });
});

Deno.test("with Postgres silent or cutting connections, nothing is lost and nobody waits; it is written when Postgres is back", async () => {
  await withRecorder(async ({ recorder, proxy, inspect, logged }) => {
    recorder.event(event("before"));
    await pollUntil("the first row", async () => (await messagesOf(inspect)).length === 1);
    proxy.silence("silent");
    recorder.event(event("while"));
    recorder.error(new Error("while it was away"), { requestId: "r", route: "GET /x" });
    await pollUntil("the trouble to be met", () => proxy.taken() >= 2);
    recorder.event(event("still"));
    assert.deepEqual(await messagesOf(inspect), ["before 1"]);
    proxy.silence("pass");
    proxy.cut();
    await pollUntil(
      "everything to be written",
      async () => (await messagesOf(inspect)).length === 3,
    );
    assert.deepEqual(await messagesOf(inspect), ["before 1", "still 1", "while 1"]);
    const groups = await inspect.sql`select count, last_route from error_groups`;
    assert.deepEqual(groups.map(({ count, last_route }) => [count, last_route]), [["1", "GET /x"]]);
    assert.ok(logged.join().split("events not written").length <= 2, "told once, not at each try");
  });
});

Deno.test("what found no room while Postgres was away is said once it is back", async () => {
  await withRecorder(async ({ recorder, proxy, inspect }) => {
    proxy.silence("silent");
    for (let n = 0; n < 260; n++) recorder.event(event(`event ${n}`));
    await pollUntil("the trouble to be met", () => proxy.hungUp() >= 1);
    proxy.silence("pass");
    proxy.cut();
    await pollUntil("everything to be written", async () => {
      return (await messagesOf(inspect)).length >= 201;
    });
    const [row] = await inspect.sql`
      select details from system_events where kind = 'events_dropped'`;
    assert.deepEqual(row?.details, { count: 60 });
  });
});

Deno.test("closing writes what is left, and does not wait for a Postgres that is away", async () => {
  await withRecorder(async ({ recorder, inspect }) => {
    recorder.event(event("last words"));
    await recorder.close();
    assert.deepEqual(await messagesOf(inspect), ["last words 1"]);
  });
  await withRecorder(async ({ recorder, proxy }) => {
    proxy.silence("silent");
    recorder.event(event("nobody hears"));
    const startedMs = performance.now();
    await recorder.close();
    assert.ok(performance.now() - startedMs < 4_000);
  });
});

Deno.test("what Postgres would refuse for ever does not hold up what comes behind it", async () => {
  await withRecorder(async ({ recorder, inspect, logged }) => {
    recorder.event({ ...event("good"), kind: "Not A Kind" });
    await pollUntil("the refusal", () => logged.join().includes("events not written"));
    recorder.event(event("behind"));
    await pollUntil("the next", async () => (await messagesOf(inspect)).length === 1);
    assert.deepEqual(await messagesOf(inspect), ["behind 1"]);
  });
});

Deno.test("nothing that is recorded can throw, whatever it is", () => {
  const hostile = Object.defineProperty(new Error(), "message", {
    get: () => {
      throw new TypeError("gotcha");
    },
  });
  const newId = uuidv7Maker(Date.now, systemRandom);
  const database = () => assert.fail("nothing is written");
  const recorder = createRecorder({ database, log: silentLog, now: Date.now, newId });
  recorder.error(hostile, {});
  return recorder.close();
});

Deno.test("one error that two lines of the log tell of is counted once, with what the first knew", () => {
  const met: unknown[][] = [];
  const recorder = { event: () => {}, error: (...seen: unknown[]) => void met.push(seen) };
  const log: Log = recordedLog(silentLog, recorder);
  const error = new Error("x");
  log.with({ job: "judge_alerts" }).error("job", { error, id: "msg_1" });
  log.error("job door", { error });
  log.error("no error at all", { count: 3 });
  log.warn("not worth an error line", { error: new Error("y") });
  assert.deepEqual(met, [[error, { requestId: "msg_1", route: "job judge_alerts" }]]);
});
