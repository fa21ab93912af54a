import assert from "node:assert/strict";
import { QstashDailyRatelimitError, QstashError, QstashRatelimitError } from "@upstash/qstash";
import { dayMs, hourMs, secondMs } from "../../../lib/time.ts";
import { call, type Setting, withQStash } from "../qstash_support.ts";

const free = { plan: "free" } as const;

/** The status with which the SDK is refused; 200 where it is not. */
async function statusOf(work: Promise<unknown>): Promise<number | undefined> {
  try {
    await work;
    return 200;
  } catch (error) {
    assert(error instanceof QstashError, String(error));
    return error.status;
  }
}

// What each plan still takes, and what is the first thing too much.
const bounds: Array<
  [what: string, plan: "free" | "pay-as-you-go", status: number, fits: Ask, exceeds: Ask]
> = [
  ["a body", "free", 413, bodyOf(1_000_000), bodyOf(1_000_001)],
  ["a body", "pay-as-you-go", 413, bodyOf(10_000_000), bodyOf(10_000_001)],
  ["a delay", "free", 400, delayOf("7d"), delayOf("7d1s")],
  ["a delay", "pay-as-you-go", 400, delayOf("365d"), delayOf("365d1s")],
  ["a moment", "free", 400, momentIn(7 * dayMs), momentIn(7 * dayMs + secondMs)],
  ["a timeout", "free", 400, timeoutOf("15m"), timeoutOf("15m1s")],
  ["a timeout", "pay-as-you-go", 400, timeoutOf("2h"), timeoutOf("2h1s")],
  ["a queue's parallelism", "free", 412, parallelismOf(10), parallelismOf(11)],
  ["a queue's parallelism", "pay-as-you-go", 412, parallelismOf(100), parallelismOf(101)],
  ["a queue", "free", 412, queuesUpTo(10), queuesUpTo(11)],
  ["an enqueue to a new queue", "free", 412, enqueueTo(10), enqueueTo(11)],
  ["a schedule", "free", 412, schedulesUpTo(10), schedulesUpTo(11)],
  ["a URL group", "free", 412, groupsUpTo(1), groupsUpTo(2)],
  ["an endpoint", "free", 412, endpointsUpTo(100), endpointsUpTo(101)],
];
type Ask = (setting: Setting) => Promise<unknown>;

for (const [what, plan, status, fits, exceeds] of bounds) {
  Deno.test(`${what} beyond the ${plan} plan is answered with ${status}, and the last one within it is taken`, () =>
    withQStash(async (setting) => {
      assert.equal(await statusOf(fits(setting)), 200);
      assert.equal(await statusOf(exceeds(setting)), status);
    }, { plan }));
}

Deno.test("the plan decides how long an answer is waited for and how many requests are out, unless told otherwise", async () => {
  const facts = async ({ qstash, client, destination }: Setting) => {
    await client.publish({ url: destination.url });
    await qstash.idle();
    const { logs: [log] } = await client.logs();
    const { parallelismMax } = await client.flowControl.getGlobalParallelism();
    return [(log as { timeout?: number }).timeout, parallelismMax];
  };
  await withQStash(async (setting) => assert.deepEqual(await facts(setting), [2 * hourMs, 100]));
  await withQStash(
    async (setting) => assert.deepEqual(await facts(setting), [hourMs / 4, 10]),
    free,
  );
  await withQStash(async (setting) => assert.deepEqual(await facts(setting), [1, 5]), {
    ...free,
    limits: { timeoutMsMax: 1, parallelism: 7 },
    parallelism: 5,
  });
});

Deno.test("a queue that is there can be changed and used though the plan has no room for another", () =>
  withQStash(async ({ client, destination }) => {
    const queue = client.queue({ queueName: "only" });
    await queue.upsert({ parallelism: 1 });
    await queue.upsert({ parallelism: 2 });
    await queue.enqueue({ url: destination.url });
    assert.equal((await queue.get()).parallelism, 2);
  }, { limits: { queuesMax: 1 } }));

Deno.test("a thousand messages a day are free, and the next day begins at midnight in UTC", () =>
  withQStash(async ({ qstash, client, destination, clock }) => {
    const batch = Array.from({ length: 100 }, (_, body) => ({ url: destination.url, body }));
    for (let round = 0; round < 10; round++) await client.batchJSON(batch);
    await qstash.idle();
    assert.equal(destination.received.length, 1_000);
    const midnightMs = (Math.floor(clock.now() / dayMs) + 1) * dayMs;
    for (const send of [client.publish({ url: destination.url }), client.batchJSON(batch)]) {
      await assert.rejects(send, (error) => {
        assert(error instanceof QstashDailyRatelimitError);
        const { status, limit, remaining, reset } = error;
        assert.deepEqual([status, limit, remaining], [429, "1000", "0"]);
        assert.equal(Number(reset) * secondMs, midnightMs);
        return true;
      });
    }
    await clock.advance(midnightMs - clock.now());
    await client.publish({ url: destination.url });
    await qstash.idle();
    assert.equal(destination.received.length, 1_001);
  }, free));

Deno.test("of a batch as many entries are taken as the day has messages left; duplicates take none", () =>
  withQStash(async ({ qstash, client, destination }) => {
    const entry = (id: number) => ({ url: `${destination.url}/${id}`, deduplicationId: `d${id}` });
    const answers = await client.batchJSON([1, 1, 2, 3].map(entry));
    assert.match(JSON.stringify(answers[3]), /error.*daily limit of 2/);
    assert.equal(answers[1]?.messageId, answers[0]?.messageId);
    await qstash.idle();
    assert.equal(destination.received.length, 2);
  }, { limits: { messagesPerDay: 2 } }));

Deno.test("a URL group is served as a whole or not at all, and a callback beyond the day is not sent", () =>
  withQStash(async ({ qstash, client, destination }) => {
    const endpoints = [1, 2, 3].map((id) => ({ name: `e${id}`, url: `${destination.url}/${id}` }));
    await client.urlGroups.addEndpoints({ name: "three", endpoints });
    const toGroup = client.publishJSON({ urlGroup: "three" });
    await assert.rejects(toGroup, QstashDailyRatelimitError);
    await client.publish({ url: `${destination.url}/a`, callback: `${destination.url}/told` });
    await client.publish({ url: `${destination.url}/b`, callback: `${destination.url}/told` });
    await qstash.idle();
    const paths = destination.received.map(({ path }) => path);
    assert.deepEqual(paths.toSorted(), ["/a", "/b"]);
    assert.equal(qstash.pending(), 0);
  }, { limits: { messagesPerDay: 2 } }));

Deno.test("a schedule whose run is beyond the day's messages keeps its next times", () =>
  withQStash(async ({ client, destination, clock }) => {
    await client.schedules.create({ destination: destination.url, cron: "0 * * * *" });
    await clock.advance(3 * dayMs);
    await clock.advance(dayMs);
    assert.equal(destination.received.length, 2);
    await client.publish({ url: destination.url }).catch(() => {});
    await clock.advance(hourMs);
    await clock.advance(dayMs);
    assert.equal(destination.received.length, 3);
  }, { limits: { messagesPerDay: 1 } }));

Deno.test("lists and settings have a limit by the second, publishing has none", () =>
  withQStash(async ({ qstash, client, destination, clock }) => {
    await client.schedules.list();
    await client.queue().list();
    await assert.rejects(client.schedules.list(), (error) => {
      assert(error instanceof QstashRatelimitError);
      assert.deepEqual([error.limit, error.remaining], ["2", "0"]);
      assert.equal(Number(error.reset), clock.now() / secondMs + 1);
      return true;
    });
    for (let index = 0; index < 5; index++) await client.publish({ url: destination.url });
    await clock.advance(secondMs);
    await client.schedules.list();
    const refused = await call(qstash, "/v2/keys/rotate", { method: "POST" });
    assert.equal(refused.status, 200);
    await refused.body?.cancel();
  }, { limits: { managementCallsPerSecond: 2 } }));

Deno.test("a dead letter is gone once the plan's retention is over", () =>
  withQStash(async ({ qstash, client, destination, clock }) => {
    destination.answer = () => new Response(null, { status: 500 });
    await client.publish({ url: destination.url, retries: 0 });
    await qstash.idle();
    const [letter] = qstash.deadLetters();
    await clock.advance(3 * dayMs - 1);
    assert.equal((await client.dlq.listMessages()).messages.length, 1);
    await clock.advance(1);
    assert.equal((await client.dlq.listMessages()).messages.length, 0);
    assert.equal(await statusOf(client.dlq.delete(letter?.dlqId ?? "")), 404);
  }, free));

function bodyOf(bytes: number): Ask {
  return ({ client, destination }) =>
    client.publish({ url: destination.url, body: "a".repeat(bytes) });
}

function delayOf(delay: string): Ask {
  return ({ client, destination }) =>
    client.publish({ url: destination.url, headers: { "Upstash-Delay": delay } });
}

function momentIn(ms: number): Ask {
  return ({ client, destination, clock }) =>
    client.publish({ url: destination.url, notBefore: (clock.now() + ms) / secondMs });
}

function timeoutOf(timeout: string): Ask {
  return ({ client, destination }) =>
    client.publish({ url: destination.url, headers: { "Upstash-Timeout": timeout } });
}

function parallelismOf(parallelism: number): Ask {
  return ({ client }) => client.queue({ queueName: "q" }).upsert({ parallelism });
}

function queuesUpTo(count: number): Ask {
  return async ({ client }) => {
    for (let index = 0; index < count; index++) {
      await client.queue({ queueName: `q${index}` }).upsert({ parallelism: 1 });
    }
  };
}

function enqueueTo(count: number): Ask {
  return async ({ client, destination }) => {
    for (let index = 0; index < count; index++) {
      await client.queue({ queueName: `q${index}` }).enqueue({ url: destination.url });
    }
  };
}

function schedulesUpTo(count: number): Ask {
  return async ({ client, destination }) => {
    for (let index = 0; index < count; index++) {
      const scheduleId = `s${index}`;
      await client.schedules.create({
        destination: destination.url,
        cron: "0 0 1 1 *",
        scheduleId,
      });
    }
  };
}

function groupsUpTo(count: number): Ask {
  return async ({ client, destination }) => {
    for (let index = 0; index < count; index++) {
      await client.urlGroups.addEndpoints({
        name: `g${index}`,
        endpoints: [{ url: destination.url }],
      });
    }
  };
}

function endpointsUpTo(count: number): Ask {
  return ({ client, destination }) => {
    const endpoints = Array.from(
      { length: count },
      (_, id) => ({ url: `${destination.url}/${id}` }),
    );
    return client.urlGroups.addEndpoints({ name: "g", endpoints });
  };
}
