import assert from "node:assert/strict";
import { minuteMs, secondMs } from "../../../lib/time.ts";
import { pollUntil } from "../../support/poll.ts";
import { call, gate, withQStash } from "../qstash_support.ts";

const unavailable = () => new Response("not now", { status: 503 });

Deno.test("a queue delivers in order, and a message that fails holds the next one back until it is through", () =>
  withQStash(async ({ qstash, client, destination, clock }) => {
    const queue = client.queue({ queueName: "orders" });
    destination.answer = ({ path }) =>
      path === "/1" && destination.received.length < 3 ? unavailable() : new Response("ok");
    for (const path of ["/1", "/2", "/3"]) {
      await queue.enqueueJSON({ url: destination.url + path, retryDelay: "1000" });
    }
    await qstash.idle();
    assert.equal((await queue.get()).lag, 3);
    await clock.advance(secondMs);
    await clock.advance(secondMs);
    const paths = destination.received.map(({ path }) => path);
    assert.deepEqual(paths, ["/1", "/1", "/1", "/2", "/3"]);
    assert.equal((await queue.get()).lag, 0);
  }));

Deno.test("a queue waits for a message's callback before the next message", () =>
  withQStash(async ({ qstash, client, destination }) => {
    const { opened, open } = gate();
    const called = gate();
    destination.answer = async ({ path }) => {
      if (path !== "/callback") return new Response("ok");
      called.open();
      await opened;
      return new Response("ok");
    };
    const queue = client.queue({ queueName: "orders" });
    await queue.enqueue({ url: `${destination.url}/1`, callback: `${destination.url}/callback` });
    await queue.enqueue({ url: `${destination.url}/2` });
    await called.opened;
    assert.equal((await queue.get()).lag, 2);
    open();
    await qstash.idle();
    assert.deepEqual(destination.received.map(({ path }) => path), ["/1", "/callback", "/2"]);
  }));

Deno.test("a callback that is a duplicate, and so never sent, does not keep a queue waiting", () =>
  withQStash(async ({ qstash, client, destination }) => {
    const queue = client.queue({ queueName: "orders" });
    for (const path of ["/1", "/2", "/3"]) {
      await queue.enqueue({
        url: destination.url + path,
        callback: `${destination.url}/callback`,
        headers: { "Upstash-Callback-Deduplication-Id": "same" },
      });
    }
    await qstash.idle();
    const paths = destination.received.map(({ path }) => path);
    assert.deepEqual(paths, ["/1", "/callback", "/2", "/3"]);
  }));

Deno.test("a dead letter lets its queue go on", () =>
  withQStash(async ({ qstash, client, destination }) => {
    destination.answer = ({ path }) => path === "/1" ? unavailable() : new Response("ok");
    const queue = client.queue({ queueName: "orders" });
    await queue.enqueue({ url: `${destination.url}/1`, retries: 0 });
    await queue.enqueue({ url: `${destination.url}/2` });
    await qstash.idle();
    assert.deepEqual(destination.received.map(({ path }) => path), ["/1", "/2"]);
    assert.equal(qstash.pending(), 0);
  }));

Deno.test("a paused queue keeps its messages, and does not keep idle() waiting", () =>
  withQStash(async ({ qstash, client, destination }) => {
    const queue = client.queue({ queueName: "orders" });
    await queue.upsert({ parallelism: 2 });
    await queue.pause();
    await queue.enqueue({ url: destination.url });
    await qstash.idle();
    assert.equal(destination.received.length, 0);
    assert.equal((await queue.get()).paused, true);
    await queue.resume();
    await qstash.idle();
    assert.equal(destination.received.length, 1);
    await assert.rejects(
      client.queue({ queueName: "no/name" }).upsert({ parallelism: 1 }),
      /Queue name/,
    );
    await queue.delete();
    assert.deepEqual(await client.queue().list(), []);
  }));

Deno.test("a deleted queue's waiting messages are cancelled", () =>
  withQStash(async ({ qstash, client, destination }) => {
    const queue = client.queue({ queueName: "orders" });
    await queue.upsert({ paused: true });
    await queue.enqueue({ url: destination.url });
    await queue.delete();
    await qstash.idle();
    assert.equal(qstash.messages()[0]?.state, "CANCELLED");
    assert.equal(qstash.pending(), 0);
  }));

Deno.test("a message that is out when its queue is deleted ends as if nothing had happened, and is tried again", () =>
  withQStash(async ({ qstash, client, destination }) => {
    const { opened, open } = gate();
    const arrived = gate();
    destination.answer = async () => {
      arrived.open();
      await opened;
      return destination.received.length === 1 ? unavailable() : new Response("ok");
    };
    const queue = client.queue({ queueName: "orders" });
    await queue.enqueue({ url: destination.url, retryDelay: "0" });
    await arrived.opened;
    await queue.delete();
    open();
    await qstash.idle();
    assert.equal(destination.received.length, 2);
    assert.equal(qstash.messages()[0]?.state, "DELIVERED");
    assert.deepEqual(await client.queue().list(), []);
  }));

for (const [name, limit] of [["queue", 2], ["flow-control key", 3], ["account", 4]] as const) {
  Deno.test(`as many requests are out at once as the parallelism of the ${name}, and never more`, () =>
    withQStash(async ({ qstash, client, destination }) => {
      const { opened, open } = gate();
      let out = 0;
      let most = 0;
      destination.answer = async () => {
        most = Math.max(most, ++out);
        await opened;
        out--;
        return new Response("ok");
      };
      const queue = client.queue({ queueName: "two" });
      await queue.upsert({ parallelism: 2 });
      const url = destination.url;
      for (let index = 0; index < 12; index++) {
        if (name === "queue") await queue.enqueue({ url });
        if (name === "account") await client.publish({ url });
        if (name === "flow-control key") {
          await client.publish({ url, flowControl: { key: "mail", parallelism: 3 } });
        }
      }
      await pollUntil(`${limit} requests to be out`, () => out >= limit);
      open();
      await qstash.idle();
      assert.deepEqual([destination.received.length, most], [12, limit]);
    }, { parallelism: 4 }));
}

Deno.test("a rate lets so many attempts start in each period, and the rest wait for the next", () =>
  withQStash(async ({ qstash, client, destination, clock }) => {
    for (let index = 0; index < 5; index++) {
      await client.publish({
        url: `${destination.url}/${index}`,
        flowControl: { key: "quotes", rate: 2, period: "1m" },
      });
    }
    await qstash.idle();
    const info = await client.flowControl.get("quotes");
    assert.deepEqual([info.waitListSize, info.rateCount, info.rateMax, info.ratePeriod], [
      3,
      2,
      2,
      60,
    ]);
    await clock.advance(minuteMs - 1);
    assert.equal(destination.received.length, 2);
    await clock.advance(1);
    assert.equal(destination.received.length, 4);
    await clock.advance(minuteMs);
    assert.deepEqual(destination.received.map(({ path }) => path), ["/0", "/1", "/2", "/3", "/4"]);
  }));

Deno.test("a flow-control key can be paused, pinned against what messages bring, and its rate reset", () =>
  withQStash(async ({ qstash, client, destination }) => {
    const { flowControl } = client;
    const publish = () =>
      client.publish({ url: destination.url, flowControl: { key: "k", rate: 1, period: "1h" } });
    await publish();
    await flowControl.pause("k");
    await flowControl.resetRate("k");
    await publish();
    await qstash.idle();
    assert.equal(destination.received.length, 1);
    await flowControl.resume("k");
    await qstash.idle();
    assert.equal(destination.received.length, 2);
    await flowControl.pin("k", { rate: 3, period: 60 });
    for (let index = 0; index < 4; index++) await publish();
    await qstash.idle();
    assert.equal(destination.received.length, 5);
    const info = await flowControl.get("k");
    assert.deepEqual([info.rateMax, info.ratePeriod, info.isPinnedRate], [3, 60, true]);
    await flowControl.unpin("k", { rate: true });
    await publish();
    assert.equal((await flowControl.get("k")).rateMax, 1);
    assert.deepEqual(await flowControl.getGlobalParallelism(), {
      parallelismMax: 100,
      parallelismCount: 0,
    });
    const list = await (await call(qstash, "/v2/flowControl")).json();
    assert.deepEqual(list.map((flow: { flowControlKey: string }) => flow.flowControlKey), ["k"]);
  }));

Deno.test("resetting a flow-control key forgets what is under way, and its counts", () =>
  withQStash(async ({ qstash, client, destination }) => {
    const { opened, open } = gate();
    destination.answer = async () => {
      await opened;
      return new Response("ok");
    };
    const flowControl = { key: "k", parallelism: 1, rate: 5 };
    for (const path of ["/1", "/2"]) {
      await client.publish({ url: destination.url + path, flowControl });
    }
    await pollUntil("the first request", () => destination.received.length === 1);
    assert.equal((await client.flowControl.get("k")).waitListSize, 1);
    const reset = await call(qstash, "/v2/flowControl/k/reset", { method: "POST" });
    assert.equal(reset.status, 200);
    await pollUntil("the second request", () => destination.received.length === 2);
    const { parallelismCount, rateCount } = await client.flowControl.get("k");
    assert.deepEqual([parallelismCount, rateCount], [1, 1]);
    open();
    await qstash.idle();
    const search = async (text: string) =>
      (await (await call(qstash, `/v2/flowControl?search=${text}`)).json()).length;
    assert.deepEqual([await search("k"), await search("other")], [1, 0]);
    await assert.rejects(client.flowControl.get("other"), /not found/);
    await assert.rejects(client.flowControl.pin("k", { parallelism: 0 }), /parallelism/);
  }));

Deno.test("endpoints are removed by name or address, one of which is needed, and a group without any is gone", () =>
  withQStash(async ({ client, destination }) => {
    const url = (path: string) => destination.url + path;
    await client.urlGroups.addEndpoints({
      name: "group",
      endpoints: [{ name: "one", url: url("/1") }, { url: url("/2") }],
    });
    await assert.rejects(
      client.urlGroups.removeEndpoints({ name: "group", endpoints: [{}] as never }),
      /name or a url/,
    );
    await client.urlGroups.removeEndpoints({ name: "group", endpoints: [{ name: "one" }] });
    assert.deepEqual((await client.urlGroups.get("group")).endpoints, [{ url: url("/2") }]);
    await client.urlGroups.removeEndpoints({ name: "group", endpoints: [{ url: url("/2") }] });
    await assert.rejects(client.urlGroups.get("group"), /not found/);
  }));
