import assert from "node:assert/strict";
import { Client, QstashError } from "@upstash/qstash";
import type { Fault } from "../../../dev/qstash/mod.ts";
import { hourMs, minuteMs } from "../../../lib/time.ts";
import { type Setting, withQStash } from "../qstash_support.ts";

/** Four messages that differ in all that a fault can name; returns the paths that were received, in order. */
async function publishFour({ qstash, client, destination }: Setting): Promise<string[]> {
  for (const name of ["a", "b", "c", "d"]) {
    await client.publish({
      url: `${destination.url}/${name}`,
      body: `{"id":"${name}${name}"}`,
      label: [`label_${name}`, "all"],
      deduplicationId: `dedup_${name}`,
    });
  }
  await qstash.idle();
  return destination.received.map(({ path }) => path.slice(1)).toSorted();
}

// Which of the four messages each fault names; the duplicate shows it.
const names: Array<[what: string, fault: Fault, hit: string]> = [
  ["nothing", {}, "abcd"],
  ["a label", { label: "label_b" }, "b"],
  ["a label that only begins so", { label: "label" }, ""],
  ["text in the address", { url: "/c" }, "c"],
  ["a pattern of addresses", { url: /\/[ad]$/g }, "ad"],
  ["text in the body", { body: '"bb"' }, "b"],
  ["a pattern of bodies", { body: /"(aa|cc)"/ }, "ac"],
  ["a deduplication id", { deduplicationId: "dedup_d" }, "d"],
  ["a pattern of deduplication ids", { deduplicationId: /_[^d]$/ }, "abc"],
  [
    "a predicate",
    { when: ({ labels, body }) => labels.includes("all") && body > '{"id":"b' },
    "bcd",
  ],
  ["the second message", { nth: 2 }, "b"],
  ["the first and the last", { nth: [1, 4] }, "ad"],
  ["the second of those it names", { url: /[bd]$/, nth: 2 }, "d"],
  ["several things, which must all be true", { label: "all", body: "aa", url: "/a" }, "a"],
  ["several things, of which one is not", { label: "all", body: "aa", url: "/b" }, ""],
];

for (const [what, fault, hit] of names) {
  Deno.test(`a fault that names ${what} hits ${hit === "" ? "nothing" : hit}`, () =>
    withQStash(async (setting) => {
      setting.qstash.setFaults({ duplicate: fault });
      const received = await publishFour(setting);
      assert.deepEqual(received, [..."abcd", ...hit].toSorted());
      assert.equal(setting.qstash.faultHits().duplicate, hit.length);
    }));
}

Deno.test("several faults of one kind hit the messages that each of them names", () =>
  withQStash(async (setting) => {
    setting.qstash.setFaults({ duplicate: [{ label: "label_a" }, { body: "cc" }] });
    assert.deepEqual(await publishFour(setting), [..."aabccd"]);
  }));

Deno.test("a fault can wait for a message's n-th attempt", () =>
  withQStash(async ({ qstash, client, destination }) => {
    destination.answer = () => new Response(null, { status: 500 });
    qstash.setFaults({ duplicate: { attempt: 2 } });
    await client.publish({ url: destination.url, retries: 2, retryDelay: "0" });
    await qstash.idle();
    const retried = destination.received.map(({ headers }) => headers.get("upstash-retried"));
    assert.deepEqual(retried, ["0", "1", "1", "2"]);
  }));

Deno.test("a seed makes a rate hit the same messages in every run, and another seed others", async () => {
  const run = async (seed: number) => {
    let received: string[] = [];
    await withQStash(async ({ qstash, client, destination }) => {
      qstash.setFaults({ duplicate: { rate: 0.3 }, seed });
      for (let id = 0; id < 40; id++) {
        await client.publish({ url: `${destination.url}/${id}` });
        await qstash.idle();
      }
      received = destination.received.map(({ path }) => path);
    });
    return received;
  };
  const first = await run(7);
  assert(first.length > 45 && first.length < 65, String(first.length));
  assert.deepEqual(await run(7), first);
  assert.notDeepEqual(await run(8), first);
});

Deno.test("a lost message is accepted, never delivered and not waited for; its queue goes on", () =>
  withQStash(async ({ qstash, client, destination, clock }) => {
    qstash.setFaults({ lose: { label: "lost" } });
    const queue = client.queue({ queueName: "orders" });
    const callback = `${destination.url}/told`;
    const { messageId } = await queue.enqueue({ url: destination.url, label: "lost", callback });
    await queue.enqueue({ url: `${destination.url}/next` });
    await qstash.idle();
    await clock.advance(48 * hourMs);
    assert.deepEqual(destination.received.map(({ path }) => path), ["/next"]);
    assert.deepEqual([qstash.pending(), qstash.deadLetters()], [0, []]);
    const lost = qstash.messages().filter(({ isLost }) => isLost);
    assert.deepEqual(lost.map(({ messageId, state }) => [messageId, state]), [[
      messageId,
      "CREATED",
    ]]);
    const { logs } = await client.logs({ messageIds: [messageId] });
    assert.deepEqual(logs.map(({ state }) => state), ["CREATED"]);
    await assert.rejects(client.messages.get(messageId), /not found/);
  }));

Deno.test("a late message comes hours after its time by the stand-in's clock, and nobody waits for it", () =>
  withQStash(async ({ qstash, client, destination, clock }) => {
    qstash.setFaults({ late: [{ url: "/six" }, { url: "/two", lateMs: 2 * hourMs }] });
    for (const path of ["/now", "/six", "/two"]) {
      await client.publish({ url: destination.url + path, delay: 60 });
    }
    const paths = () => destination.received.map(({ path }) => path);
    await clock.advance(minuteMs);
    assert.deepEqual(paths(), ["/now"]);
    assert.equal(qstash.pending(), 2);
    await clock.advance(2 * hourMs - 1);
    assert.deepEqual(paths(), ["/now"]);
    await clock.advance(1);
    assert.deepEqual(paths(), ["/now", "/two"]);
    await clock.advance(4 * hourMs);
    assert.deepEqual(paths(), ["/now", "/two", "/six"]);
  }));

Deno.test("calls that bring a named message are refused and accept nothing; others are served", () =>
  withQStash(async ({ qstash, client, destination }) => {
    qstash.setFaults({ refuse: { label: "mail", status: 500, nth: 2 } });
    const entry = (path: string, label: string) => ({ url: destination.url + path, label });
    const statusOf = (call: Promise<unknown>) =>
      call.then(() => 200, (error) => error instanceof QstashError ? error.status : error);
    const statuses = [
      await statusOf(client.publish(entry("/1", "mail"))),
      await statusOf(client.publish(entry("/2", "push"))),
      await statusOf(client.batch([entry("/3", "push"), entry("/4", "mail")])),
      await statusOf(client.queue({ queueName: "q" }).enqueue(entry("/5", "mail"))),
    ];
    await qstash.idle();
    assert.deepEqual(statuses, [200, 200, 500, 200]);
    const paths = destination.received.map(({ path }) => path);
    assert.deepEqual(paths.toSorted(), ["/1", "/2", "/5"]);
  }));

Deno.test("entries of a batch are refused one by one, each time until the fault ends", () =>
  withQStash(async ({ qstash, client, destination }) => {
    qstash.setFaults({ refuseEntry: { body: /"id":[13]/, error: "not this one" } });
    const send = () =>
      client.batchJSON([1, 2, 3].map((id) => ({ url: `${destination.url}/${id}`, body: { id } })));
    for (let round = 0; round < 2; round++) {
      const answers: unknown[] = await send();
      assert.deepEqual([answers[0], answers[2]], [{ error: "not this one" }, {
        error: "not this one",
      }]);
    }
    qstash.setFaults({});
    await send();
    await qstash.idle();
    const paths = destination.received.map(({ path }) => path);
    assert.deepEqual(paths.toSorted(), ["/1", "/2", "/2", "/2", "/3"]);
  }));

for (const cut of ["before", "within"] as const) {
  Deno.test(`the answer to a publish can be lost ${cut} it begins or ends, and the message is delivered`, () =>
    withQStash(async ({ qstash, client, destination }) => {
      qstash.setFaults({ loseAnswer: { cut, url: "/lost" } });
      const lost = [
        client.publish({ url: `${destination.url}/lost1` }),
        client.batchJSON([{ url: `${destination.url}/lost2` }, { url: `${destination.url}/x` }]),
      ];
      for (const call of lost) {
        await assert.rejects(call, (error) => !(error instanceof QstashError));
      }
      await client.publish({ url: `${destination.url}/kept` });
      await qstash.idle();
      const paths = destination.received.map(({ path }) => path);
      assert.deepEqual(paths.toSorted(), ["/kept", "/lost1", "/lost2", "/x"]);
    }));
}

Deno.test("a client that tries again after a lost answer publishes twice, unless it says that it is the same", () =>
  withQStash(async ({ qstash, destination }) => {
    const retry = { retries: 2, backoff: () => 0 };
    const client = new Client({ baseUrl: qstash.url, token: qstash.token, retry });
    qstash.setFaults({ loseAnswer: { nth: 1 } });
    await client.publish({ url: `${destination.url}/twice` });
    qstash.setFaults({ loseAnswer: { nth: 1 } });
    const same = await client.publish({ url: `${destination.url}/once`, deduplicationId: "same" });
    assert.equal(same.deduplicated, true);
    await qstash.idle();
    const paths = destination.received.map(({ path }) => path);
    assert.deepEqual(paths.toSorted(), ["/once", "/twice", "/twice"]);
  }));
