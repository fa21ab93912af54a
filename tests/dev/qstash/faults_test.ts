import assert from "node:assert/strict";
import { secondMs } from "../../../lib/time.ts";
import { withQStash } from "../qstash_support.ts";

Deno.test("the duplicate fault delivers one attempt twice under the same message id", () =>
  withQStash(async ({ qstash, client, destination }) => {
    qstash.setFaults({ duplicate: {} });
    const { messageId } = await client.publish({ url: destination.url });
    await qstash.idle();
    const seen = destination.received.map(({ headers }) => [
      headers.get("upstash-message-id"),
      headers.get("upstash-retried"),
    ]);
    assert.deepEqual(seen, [[messageId, "0"], [messageId, "0"]]);
    assert.deepEqual(qstash.messages().map(({ state }) => state), ["DELIVERED"]);
  }));

Deno.test("a dropped acknowledgement delivers a message again that was delivered", () =>
  withQStash(async ({ qstash, client, destination }) => {
    qstash.setFaults({ dropAcknowledgement: { timesPerMessage: 2 } });
    await client.publish({ url: destination.url, retries: 0, callback: `${destination.url}/told` });
    await qstash.idle();
    const paths = destination.received.map(({ path }) => path);
    assert.equal(paths.filter((path) => path === "/").length, 3);
    assert(destination.received.every(({ headers }) => headers.get("upstash-retried") === "0"));
    assert(qstash.messages().every(({ state }) => state === "DELIVERED"));
    const callbacks = qstash.messages().filter(({ url }) => url.endsWith("/told"));
    assert.equal(callbacks.length, 1);
  }));

Deno.test("the delay fault makes an attempt late, and idle() waits for it", () =>
  withQStash(async ({ qstash, client, destination, clock }) => {
    qstash.setFaults({ delay: { delayMs: 30 * secondMs } });
    await client.publish({ url: destination.url });
    let isIdle = false;
    const idle = qstash.idle().then(() => isIdle = true);
    await Promise.resolve();
    assert.equal(isIdle, false);
    await clock.advance(30 * secondMs);
    await idle;
    assert.equal(destination.received.length, 1);
  }));

Deno.test("the reorder fault lets a later message overtake, and holds nothing back for ever", () =>
  withQStash(async ({ qstash, client, destination }) => {
    qstash.setFaults({ reorder: { label: "slow" } });
    await client.publish({ url: `${destination.url}/1`, label: "slow" });
    await client.publish({ url: `${destination.url}/2` });
    await qstash.idle();
    assert.deepEqual(destination.received.map(({ path }) => path), ["/2", "/1"]);
    await client.publish({ url: `${destination.url}/3`, label: "slow" });
    await qstash.idle();
    assert.equal(destination.received.at(-1)?.path, "/3");
  }));

Deno.test("a fault hits the messages that its label or address names", () =>
  withQStash(async ({ qstash, client, destination }) => {
    qstash.setFaults({ duplicate: { label: "mail" }, dropAcknowledgement: { url: /\/push$/ } });
    for (const [path, label] of [["/mail", "mail"], ["/push", "push"], ["/other", "other"]]) {
      await client.publish({ url: `${destination.url}${path}`, label });
    }
    await qstash.idle();
    const count = (path: string) =>
      destination.received.filter((seen) => seen.path === path).length;
    assert.deepEqual([count("/mail"), count("/push"), count("/other")], [2, 2, 1]);
    qstash.setFaults({});
    await client.publish({ url: `${destination.url}/mail`, label: "mail" });
    await qstash.idle();
    assert.equal(count("/mail"), 3);
  }));

Deno.test("a rate decides each attempt by the given chance", () =>
  withQStash(async ({ qstash, client, destination }) => {
    const chances = [0.9, 0.1, 0.3, 0.29];
    qstash.setFaults({ duplicate: { rate: 0.3 }, random: () => chances.shift() ?? 1 });
    const urls = ["/1", "/2", "/3", "/4"].map((path) => destination.url + path);
    for (const url of urls) {
      await client.publish({ url });
      await qstash.idle();
    }
    const paths = destination.received.map(({ path }) => path);
    assert.deepEqual(paths, ["/1", "/2", "/2", "/3", "/4", "/4"]);
  }));

Deno.test("under all faults at once every message is delivered at least once and ends as delivered", () =>
  withQStash(async ({ qstash, client, destination }) => {
    const half = { rate: 0.5 };
    qstash.setFaults({
      duplicate: half,
      reorder: half,
      dropAcknowledgement: half,
      delay: { ...half, delayMs: 3 },
    });
    const bodies = Array.from({ length: 200 }, (_, index) => index);
    for (const start of [0, 100]) {
      await client.batchJSON(
        bodies.slice(start, start + 100).map((body) => ({ url: destination.url, body })),
      );
    }
    await qstash.idle();
    const seen = destination.received.map(({ body }) => Number(body));
    assert.deepEqual([...new Set(seen)].toSorted((a, b) => a - b), bodies);
    assert(seen.length > bodies.length);
    assert.notDeepEqual(seen, seen.toSorted((a, b) => a - b));
    assert(qstash.messages().every(({ state }) => state === "DELIVERED"));
    assert.equal(qstash.pending(), 0);
  }, { now: Date.now }));
