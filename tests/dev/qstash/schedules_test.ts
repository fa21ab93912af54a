import assert from "node:assert/strict";
import { parseCron } from "../../../dev/qstash/cron.ts";
import { dayMs, hourMs, minuteMs, secondMs } from "../../../lib/time.ts";
import { call, withQStash } from "../qstash_support.ts";

const at = (instant: string) => Date.parse(instant);

// Counted by hand from a calendar and the two zones' rules for summer time.
const runs: Array<[cron: string, after: string, next: string[]]> = [
  ["* * * * *", "2026-01-31T23:59:30Z", ["2026-02-01T00:00:00Z", "2026-02-01T00:01:00Z"]],
  ["*/15 9-10 * * MON-FRI", "2026-01-30T10:40:00Z", [
    "2026-01-30T10:45:00Z",
    "2026-02-02T09:00:00Z",
  ]],
  ["0 0 29 2 *", "2026-01-01T00:00:00Z", ["2028-02-29T00:00:00Z"]],
  ["0 12 13 * 5", "2026-03-07T00:00:00Z", ["2026-03-13T12:00:00Z", "2026-03-20T12:00:00Z"]],
  [
    "CRON_TZ=America/New_York 0 4 * * *",
    "2026-03-07T00:00:00Z",
    ["2026-03-07T09:00:00Z", "2026-03-08T08:00:00Z", "2026-03-09T08:00:00Z"],
  ],
  [
    "CRON_TZ=Europe/Berlin 30 18 * * *",
    "2026-10-24T00:00:00Z",
    ["2026-10-24T16:30:00Z", "2026-10-25T17:30:00Z"],
  ],
];

for (const [cron, after, next] of runs) {
  Deno.test(`parseCron("${cron}") finds the runs after ${after}`, () => {
    const plan = parseCron(cron);
    let moment = at(after);
    for (const expected of next) {
      moment = plan.nextMs(moment) ?? 0;
      assert.equal(moment, at(expected));
    }
  });
}

Deno.test("parseCron() refuses what is not five plain fields in a zone that exists", () => {
  for (
    const text of [
      "",
      "* * * *",
      "* * * * * *",
      "61 * * * *",
      "0 0 L * *",
      "0 0 * * 5#2",
      "@daily",
      "CRON_TZ=Mars/Olympus 0 4 * * *",
      "soon",
    ]
  ) assert.throws(() => parseCron(text), { name: "Refusal", status: 400 }, text);
  assert.equal(parseCron("0 0 30 2 *").nextMs(at("2026-01-01T00:00:00Z")), undefined);
});

Deno.test("a schedule publishes its message at its times, and once for all times that were slept through", () =>
  withQStash(async ({ client, destination, clock }) => {
    const { scheduleId } = await client.schedules.create({
      destination: `${destination.url}/tick?from=cron`,
      cron: " CRON_TZ=Europe/Berlin  */10 * * * * ",
      scheduleId: "tick",
      body: JSON.stringify({ job: "tick" }),
      headers: { "x-kind": "tick" },
      label: "tick",
    });
    assert.equal(scheduleId, "tick");
    const shown = await client.schedules.get("tick");
    assert.equal(shown.cron, "CRON_TZ=Europe/Berlin */10 * * * *");
    assert.equal(shown.body, '{"job":"tick"}');
    const nextMs = shown.nextScheduleTime ?? 0;
    const waitMs = nextMs - clock.now();
    assert(waitMs > 0 && waitMs <= 10 * minuteMs && nextMs % (10 * minuteMs) === 0);
    await clock.advance(waitMs - 1);
    assert.equal(destination.received.length, 0);
    await clock.advance(1);
    await clock.advance(10 * minuteMs);
    assert.equal(destination.received.length, 2);
    await clock.advance(5 * hourMs);
    assert.equal(destination.received.length, 3);
    const [request] = destination.received;
    assert.equal(request?.path, "/tick?from=cron");
    assert.equal(request?.body, '{"job":"tick"}');
    assert.equal(request?.headers.get("x-kind"), "tick");
    assert.equal(request?.headers.get("upstash-schedule-id"), "tick");
    const after = await client.schedules.get("tick");
    assert.equal(after.lastScheduleTime, clock.now());
    assert.deepEqual(Object.values(after.lastScheduleStates ?? {}), ["SUCCESS"]);
  }));

Deno.test("a schedule can be fired now, paused or not, and keeps its times", () =>
  withQStash(async ({ qstash, client, destination, clock }) => {
    const { scheduleId } = await client.schedules.create({
      destination: destination.url,
      cron: "0 0 * * *",
    });
    await client.schedules.pause({ schedule: scheduleId });
    const before = await client.schedules.get(scheduleId);
    const [messageId] = qstash.fireSchedule(scheduleId);
    await qstash.idle();
    assert.equal(destination.received[0]?.headers.get("upstash-message-id"), messageId);
    const after = await client.schedules.get(scheduleId);
    assert.equal(after.nextScheduleTime, before.nextScheduleTime);
    await clock.advance(dayMs);
    assert.equal(destination.received.length, 1);
    await client.schedules.resume({ schedule: scheduleId });
    await clock.advance(dayMs);
    assert.equal(destination.received.length, 2);
    assert.throws(() => qstash.fireSchedule("unknown"), /not found/);
  }));

Deno.test("a schedule with a known id replaces the settings of the earlier one and no more", () =>
  withQStash(async ({ qstash, client, destination, clock }) => {
    const create = (path: string, more: Record<string, unknown> = {}) =>
      client.schedules.create({
        destination: destination.url + path,
        cron: "* * * * *",
        scheduleId: "one",
        ...more,
      });
    await create("/old", { body: "old", callback: `${destination.url}/callback`, retries: 7 });
    await client.schedules.pause({ schedule: "one" });
    const old = await client.schedules.get("one");
    await clock.advance(secondMs);
    await create("/new");
    const [shown, ...others] = await client.schedules.list();
    assert.deepEqual(others, []);
    assert.equal(shown?.destination, `${destination.url}/new`);
    assert.deepEqual([shown?.body, shown?.callback, shown?.retries], [undefined, undefined, 3]);
    assert.deepEqual([shown?.createdAt, shown?.isPaused], [old.createdAt, true]);
    await client.schedules.resume({ schedule: "one" });
    await clock.advance(minuteMs);
    assert.deepEqual(destination.received.map(({ path }) => path), ["/new"]);
    await client.schedules.delete("one");
    await clock.advance(minuteMs);
    assert.equal(destination.received.length, 1);
    assert.deepEqual(await client.schedules.list(), []);
    await assert.rejects(create("/x", { scheduleId: "a:b" }), /Schedule id/);
    await assert.rejects(create("/x", { cron: "every day" }), /invalid cron/);
    assert.deepEqual(qstash.pending(), 0);
  }));

Deno.test("a schedule sends its messages through its queue", () =>
  withQStash(async ({ qstash, client, destination }) => {
    const { scheduleId } = await client.schedules.create({
      destination: destination.url,
      cron: "* * * * *",
      queueName: "ticks",
    });
    qstash.fireSchedule(scheduleId);
    await qstash.idle();
    assert.equal(qstash.messages()[0]?.queueName, "ticks");
    assert.equal((await client.queue({ queueName: "ticks" }).get()).lag, 0);
  }));

for (const method of ["PATCH", "POST"]) {
  Deno.test(`${method} pauses and resumes a schedule; a paused one lets its times pass by`, () =>
    withQStash(async ({ qstash, client, destination, clock }) => {
      await client.schedules.create({
        destination: destination.url,
        cron: "* * * * *",
        scheduleId: "one",
      });
      const set = async (verb: string) => {
        const response = await call(qstash, `/v2/schedules/one/${verb}`, { method });
        await response.body?.cancel();
        assert.equal(response.status, 200);
        return (await client.schedules.get("one")).isPaused;
      };
      assert.deepEqual([await set("pause"), await set("pause")], [true, true]);
      await clock.advance(minuteMs);
      assert.equal(destination.received.length, 0);
      assert.deepEqual([await set("resume"), await set("resume")], [false, false]);
      await clock.advance(minuteMs);
      assert.equal(destination.received.length, 1);
    }));
}

Deno.test("a schedule passes on its retries, timeout, labels, flow control, callbacks and redaction to its messages", () =>
  withQStash(async ({ qstash, client, destination }) => {
    await client.schedules.create({
      destination: destination.url,
      cron: "0 0 1 1 *",
      scheduleId: "one",
      body: "s3cret",
      retries: 7,
      retryDelay: "1000",
      timeout: 9,
      label: ["a", "b"],
      flowControl: { key: "k", parallelism: 2, rate: 3, period: 60 },
      callback: `${destination.url}/told`,
      failureCallback: `${destination.url}/failed`,
      redact: { body: true },
    });
    const [messageId = ""] = qstash.fireSchedule("one");
    const schedule = await client.schedules.get("one");
    const message = await client.messages.get(messageId);
    await qstash.idle();
    const { logs: [log] } = await client.logs({ messageIds: [messageId] });
    assert.equal((log as unknown as { timeout: number }).timeout, 9 * secondMs);
    assert.deepEqual([schedule.retries, message.maxRetries], [7, 7]);
    for (const shown of [schedule, message] as unknown as Array<Record<string, unknown>>) {
      assert.deepEqual([shown.labels, shown.label], [["a", "b"], "a"]);
      assert.deepEqual([shown.flowControlKey, shown.parallelism, shown.rate, shown.period], [
        "k",
        2,
        3,
        60,
      ]);
      assert.equal(shown.callback, `${destination.url}/told`);
      assert.equal(shown.failureCallback, `${destination.url}/failed`);
      assert.equal(shown.retryDelayExpression, "1000");
      assert.match(String(shown.body), /^REDACTED:/);
    }
    assert.equal(destination.received[0]?.body, "s3cret");
  }));
