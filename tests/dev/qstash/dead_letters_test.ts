import assert from "node:assert/strict";
import { secondMs } from "../../../lib/time.ts";
import { call, type Setting, withQStash } from "../qstash_support.ts";

/** Publishes messages that end in the DLQ, a second apart, oldest first. */
async function fail({ client, destination, clock, qstash }: Setting, ...labels: string[]) {
  destination.answer = () => new Response("broken", { status: 500, headers: { "x-why": "test" } });
  for (const label of labels) {
    await client.publish({
      url: `${destination.url}/${label}`,
      body: label,
      label,
      retries: 0,
      deduplicationId: label,
      headers: { "x-label": label },
    });
    await qstash.idle();
    await clock.advance(secondMs);
  }
  destination.answer = () => new Response("ok");
}

Deno.test("a dead letter shows the message and the last answer", () =>
  withQStash(async (setting) => {
    await fail(setting, "mail");
    const { client, destination } = setting;
    const { messages: [listed] } = await client.dlq.listMessages();
    const response = await call(setting.qstash, `/v2/dlq/${listed?.dlqId}`);
    const letter = await response.json();
    assert.equal(letter.url, `${destination.url}/mail`);
    assert.deepEqual([letter.body, letter.label, letter.maxRetries], ["mail", "mail", 0]);
    assert.deepEqual(letter.header["X-Label"], ["mail"]);
    assert.deepEqual([letter.responseStatus, letter.responseBody], [500, "broken"]);
    assert.deepEqual(letter.responseHeader["X-Why"], ["test"]);
  }));

Deno.test("a retried dead letter becomes a new message with the same content, and leaves the DLQ", () =>
  withQStash(async (setting) => {
    await fail(setting, "mail");
    const { qstash, client, destination } = setting;
    const [letter] = qstash.deadLetters();
    const { responses } = await client.dlq.retry(letter?.dlqId ?? "");
    await qstash.idle();
    const [first, second] = destination.received;
    assert.deepEqual([second?.path, second?.body], [first?.path, first?.body]);
    assert.equal(second?.headers.get("x-label"), "mail");
    assert.equal(second?.headers.get("upstash-message-id"), responses[0]?.messageId);
    assert.notEqual(responses[0]?.messageId, letter?.messageId);
    assert.deepEqual(qstash.deadLetters(), []);
    await assert.rejects(client.dlq.retry(letter?.dlqId ?? ""), /not found/);
    await assert.rejects(client.dlq.delete(letter?.dlqId ?? ""), /not found/);
  }));

Deno.test("a retry can bring options of its own", () =>
  withQStash(async (setting) => {
    await fail(setting, "mail");
    const { qstash, destination } = setting;
    const [letter] = qstash.deadLetters();
    const headers = { "Upstash-Retries": "9", "Content-Type": "text/other" };
    const path = `/v2/dlq/retry/${letter?.dlqId}`;
    const response = await call(qstash, path, { method: "POST", headers });
    assert.equal(response.status, 201);
    const { messageId } = await response.json();
    const message = qstash.messages().find((message) => message.messageId === messageId);
    assert.equal(message?.maxRetries, 9);
    await qstash.idle();
    const types = destination.received.map(({ headers }) => headers.get("content-type"));
    assert.deepEqual(types, ["text/plain;charset=UTF-8", "text/plain;charset=UTF-8"]);
  }));

Deno.test("dead letters are selected by id, by filter and in pages, for reading, retrying and deleting", () =>
  withQStash(async (setting) => {
    await fail(setting, "a", "b", "c", "d", "e");
    const { qstash, client } = setting;
    const labels = async (filter: { label?: string[]; responseStatus?: number }) =>
      (await client.dlq.listMessages({ filter })).messages.map(({ label }) => label);
    assert.deepEqual(await labels({}), ["e", "d", "c", "b", "a"]);
    assert.deepEqual(await labels({ label: ["a", "c"] }), ["c", "a"]);
    assert.deepEqual(await labels({ label: ["a"], responseStatus: 503 }), []);

    const first = await client.dlq.listMessages({ count: 2 });
    assert.deepEqual(first.messages.map(({ label }) => label), ["e", "d"]);
    const retried = await client.dlq.retry({ filter: { label: "d" } });
    assert.equal(retried.responses.length, 1);
    // The item under the cursor is gone; what follows it is not skipped.
    const second = await client.dlq.listMessages({ count: 2, cursor: first.cursor });
    assert.deepEqual(second.messages.map(({ label }) => label), ["c", "b"]);
    assert.deepEqual((await client.dlq.delete({ all: true, count: 1 })).deleted, 1);
    const ids = second.messages.map(({ dlqId }) => dlqId);
    assert.deepEqual(await client.dlq.deleteMany({ dlqIds: ids }), { deleted: 2 });
    assert.deepEqual(await labels({}), ["a"]);
    const misspelt = await call(qstash, "/v2/dlq?labeel=a", { method: "DELETE" });
    assert.equal(misspelt.status, 400);
    await misspelt.body?.cancel();
    await qstash.idle();
  }));
