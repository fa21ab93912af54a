import assert from "node:assert/strict";
import { QstashDailyRatelimitError, QstashError } from "@upstash/qstash";
import { dayMs, hourMs, minuteMs, secondMs } from "../../../lib/time.ts";
import { call, gate, withQStash } from "../qstash_support.ts";

const unavailable = () => new Response("not now", { status: 503 });

Deno.test("a message with a known deduplication id is not delivered again within ten minutes", () =>
  withQStash(async ({ qstash, client, destination, clock }) => {
    const message = { url: destination.url, deduplicationId: "mail_7_1" };
    const first = await client.publishJSON(message);
    const second = await client.publishJSON(message);
    assert.deepEqual(second, { messageId: first.messageId, deduplicated: true });
    await clock.advance(10 * minuteMs - 1);
    assert.equal((await client.publishJSON(message)).deduplicated, true);
    assert.equal(destination.received.length, 1);
    await clock.advance(1);
    assert.equal((await client.publishJSON(message)).deduplicated, undefined);
    await qstash.idle();
    assert.equal(destination.received.length, 2);
    const raw = await call(qstash, `/v2/publish/${destination.url}`, {
      method: "POST",
      headers: { "Upstash-Deduplication-Id": "mail_7_1" },
    });
    assert.equal(raw.status, 202);
    await raw.body?.cancel();
  }));

Deno.test("a deduplication id with a colon or white space is refused", () =>
  withQStash(async ({ client, destination }) => {
    for (const deduplicationId of ["mail:7", "mail 7"]) {
      const published = client.publishJSON({ url: destination.url, deduplicationId });
      await assert.rejects(
        published,
        (error) => error instanceof QstashError && error.status === 400,
      );
    }
    assert.deepEqual(destination.received, []);
  }));

Deno.test("content-based deduplication tells messages by destination, body and forwarded headers", () =>
  withQStash(async ({ client, destination }) => {
    const publish = (path: string, body: string, team: string) =>
      client.publish({
        url: destination.url + path,
        body,
        headers: { "x-team": team },
        contentBasedDeduplication: true,
      });
    const first = await publish("/a", "1", "blue");
    assert.equal((await publish("/a", "1", "blue")).messageId, first.messageId);
    for (
      const [path, body, team] of [["/b", "1", "blue"], ["/a", "2", "blue"], ["/a", "1", "red"]]
    ) {
      const other = await publish(path ?? "", body ?? "", team ?? "");
      assert.notEqual(other.messageId, first.messageId);
    }
  }));

Deno.test("a delayed message waits for its time, and does not keep idle() waiting", () =>
  withQStash(async ({ qstash, client, destination, clock }) => {
    await client.publish({
      url: `${destination.url}/delay`,
      headers: { "Upstash-Delay": "1d10h30m" },
    });
    await client.publish({
      url: `${destination.url}/moment`,
      notBefore: clock.now() / secondMs + 60,
      delay: 1,
    });
    await qstash.idle();
    assert.equal(qstash.pending(), 2);
    await clock.advance(59 * secondMs);
    assert.deepEqual(destination.received, []);
    await clock.advance(secondMs);
    assert.deepEqual(destination.received.map(({ path }) => path), ["/moment"]);
    await clock.advance(dayMs + 10.5 * hourMs - minuteMs);
    assert.deepEqual(destination.received.map(({ path }) => path), ["/moment", "/delay"]);
  }));

Deno.test("a batch delivers each message under its own options, and one that is refused keeps none back", () =>
  withQStash(async ({ qstash, client, destination }) => {
    const answers = await client.batchJSON([
      { url: `${destination.url}/1`, body: { n: 1 }, method: "PATCH" },
      { url: `${destination.url}/2`, body: { n: 2 }, deduplicationId: "a:b" },
      { url: `${destination.url}/3`, body: { n: 3 }, headers: { "x-n": "three" } },
    ]);
    await qstash.idle();
    assert.match(JSON.stringify(answers[1]), /error.*DeduplicationId/);
    const seen = destination.received
      .map(({ path, method, body, headers }) => [path, method, body, headers.get("x-n")])
      .toSorted();
    assert.deepEqual(seen, [
      ["/1", "PATCH", '{"n":1}', null],
      ["/3", "POST", '{"n":3}', "three"],
    ]);
  }));

Deno.test("a URL group gets one message for each endpoint", () =>
  withQStash(async ({ qstash, client, destination }) => {
    const endpoints = [
      { name: "one", url: `${destination.url}/1` },
      { name: "two", url: `${destination.url}/2` },
    ];
    await client.urlGroups.addEndpoints({ name: "both", endpoints });
    const answers = await client.publishJSON({ urlGroup: "both", body: {} });
    await qstash.idle();
    assert.equal(new Set(answers.map(({ messageId }) => messageId)).size, 2);
    assert.deepEqual(destination.received.map(({ path }) => path).toSorted(), ["/1", "/2"]);
    assert.equal(destination.received[0]?.headers.get("upstash-topic-name"), "both");
    await assert.rejects(client.publishJSON({ urlGroup: "nobody" }), /not found/);
  }));

Deno.test("a body above the bound, a wrong token and an unreadable option are refused", () =>
  withQStash(async ({ qstash, client, destination }) => {
    const statusOf = async (init: RequestInit, path = `/v2/publish/${destination.url}`) => {
      const response = await fetch(qstash.url + path, { method: "POST", ...init });
      await response.body?.cancel();
      return response.status;
    };
    const authorization = `Bearer ${qstash.token}`;
    const withHeaders = (headers: Record<string, string>) => ({
      headers: { authorization, ...headers },
    });
    assert.equal(await statusOf({ headers: { authorization: "Bearer wrong" } }), 401);
    assert.equal(await statusOf({}), 401);
    assert.equal(await statusOf({ ...withHeaders({}), body: "a".repeat(1_000) }), 201);
    assert.equal(await statusOf({ ...withHeaders({}), body: "a".repeat(1_001) }), 413);
    for (
      const [name, value] of [
        ["Upstash-Delay", "soon"],
        ["Upstash-Retries", "-1"],
        ["Upstash-Retry-Delay", "pow(retried)"],
        ["Upstash-Timeout", "5"],
        ["Upstash-Not-Before", "tomorrow"],
        ["Upstash-Method", "BREW"],
        ["Upstash-Callback", "not a url"],
        ["Upstash-Failure-Callback", "ftp://127.0.0.1/a"],
        ["Upstash-Flow-Control-Value", "rate=1"],
        ["Upstash-Flow-Control-Key", "without a value"],
      ]
    ) assert.equal(await statusOf(withHeaders({ [name ?? ""]: value ?? "" })), 400, name);
    assert.equal(await statusOf(withHeaders({}), "/v2/publish/ftp://127.0.0.1/a"), 400);
    await assert.rejects(client.messages.get("msg_unknown"), /not found/);
  }, { limits: { bodyBytesMax: 1_000 } }));

Deno.test("cancelled messages are not delivered: one, several by id, and those that a filter selects", () =>
  withQStash(async ({ qstash, client, destination, clock }) => {
    const publish = (path: string, label: string) =>
      client.publish({ url: destination.url + path, label, delay: 60 });
    const [single, first, second] = [
      await publish("/1", "a"),
      await publish("/2", "a"),
      await publish("/3", "a"),
    ];
    for (const label of ["b", "c"]) await publish("/labelled", label);
    await publish("/path", "d");
    await publish("/kept", "e");
    assert.deepEqual(await client.messages.cancel(single.messageId), { cancelled: 1 });
    await assert.rejects(client.messages.cancel("msg_unknown"), /not found/);
    const ids = [first.messageId, second.messageId, single.messageId];
    assert.deepEqual(await client.messages.cancel(ids), { cancelled: 2 });
    const byLabel = await client.messages.cancel({ filter: { label: ["b", "c"] } });
    assert.deepEqual(byLabel, { cancelled: 2 });
    const named = await publish("/4", "f");
    const query = new URLSearchParams({ label: "nobody", messageIds: named.messageId });
    const byId = await call(qstash, `/v2/messages?${query}`, { method: "DELETE" });
    assert.deepEqual(
      await byId.json(),
      { cancelled: 1 },
      "ids are heard, filters beside them are not",
    );
    const byPath = await client.messages.cancel({ filter: { path: "/path" }, count: 1 });
    assert.deepEqual(byPath, { cancelled: 1 });
    const misspelt = await call(qstash, "/v2/messages?labeel=e", { method: "DELETE" });
    assert.equal(misspelt.status, 400);
    await misspelt.body?.cancel();
    await clock.advance(minuteMs);
    assert.deepEqual(destination.received.map(({ path }) => path), ["/kept"]);
  }));

Deno.test("a cancelled message gives up its place in the wait list of its flow-control key", () =>
  withQStash(async ({ qstash, client, destination, clock }) => {
    const flowControl = { key: "mail", rate: 1, period: "1m" } as const;
    await client.publish({ url: destination.url, flowControl });
    const { messageId } = await client.publish({ url: destination.url, flowControl });
    await client.messages.cancel(messageId);
    assert.equal((await client.flowControl.get("mail")).waitListSize, 0);
    await clock.advance(minuteMs);
    await qstash.idle();
    assert.equal(destination.received.length, 1);
  }));

Deno.test("a message that is cancelled while its request is out is not tried again", () =>
  withQStash(async ({ qstash, client, destination }) => {
    const { opened, open } = gate();
    const arrived = gate();
    destination.answer = async () => {
      arrived.open();
      await opened;
      return unavailable();
    };
    const { messageId } = await client.publish({ url: destination.url, retryDelay: "0" });
    await arrived.opened;
    await client.messages.cancel(messageId);
    open();
    await qstash.idle();
    assert.equal(destination.received.length, 1);
    assert.equal(qstash.messages()[0]?.state, "CANCELLED");
    assert.deepEqual(qstash.deadLetters(), []);
  }));

for (const [answer, state] of [[200, "DELIVERED"], [500, "FAILED"]] as const) {
  Deno.test(`a message that is cancelled during its last attempt is too late: answered ${answer} it is ${state}`, () =>
    withQStash(async ({ qstash, client, destination }) => {
      const { opened, open } = gate();
      const arrived = gate();
      destination.answer = async ({ path }) => {
        if (path === "/told") return new Response();
        arrived.open();
        await opened;
        return new Response(null, { status: answer });
      };
      const callback = `${destination.url}/told`;
      const { messageId } = await client.publish({ url: destination.url, retries: 0, callback });
      await arrived.opened;
      await client.messages.cancel(messageId);
      open();
      await qstash.idle();
      const states = (await client.logs({ messageIds: [messageId] })).logs.map(({ state }) =>
        state
      );
      const error = answer === 500 ? ["ERROR"] : [];
      const steps = ["CREATED", "ACTIVE", "CANCEL_REQUESTED", ...error, state];
      assert.deepEqual(states.toReversed(), steps);
      assert.deepEqual(destination.received.map(({ path }) => path), ["/", "/told"]);
    }));
}

Deno.test("the log tells every step of a message, can be filtered and read in pages", () =>
  withQStash(async ({ qstash, client, destination }) => {
    destination.answer = () =>
      destination.received.length === 1 ? unavailable() : new Response("ok");
    const { messageId } = await client.publish({
      url: destination.url,
      label: ["mail", "daily"],
      retryDelay: "0",
    });
    await qstash.idle();
    await client.publish({ url: destination.url, label: "other" });
    await qstash.idle();
    const { logs } = await client.logs({ filter: { label: "daily" } });
    const steps = ["CREATED", "ACTIVE", "ERROR", "RETRY", "ACTIVE", "DELIVERED"];
    assert.deepEqual(logs.map(({ state }) => state).toReversed(), steps);
    assert(logs.every((log) => log.messageId === messageId && log.labels?.includes("mail")));

    const pages: string[] = [];
    let pageCount = 0;
    let cursor: string | undefined;
    do {
      const page = await client.logs({ count: 4, cursor });
      pages.push(...page.logs.map(({ state }) => state));
      cursor = page.cursor;
      pageCount++;
    } while (cursor !== undefined);
    assert.equal(pageCount, 3);
    assert.deepEqual(pages.toReversed(), [...steps, "CREATED", "ACTIVE", "DELIVERED"]);
  }));

Deno.test("redacted fields are hidden in what the API shows, and delivered unchanged", () =>
  withQStash(async ({ qstash, client, destination }) => {
    const { messageId } = await client.publishJSON({
      url: destination.url,
      body: { secret: "s3cret" },
      headers: { "x-secret": "s3cret", "x-open": "open" },
      redact: { body: true, header: ["X-Secret"] },
    });
    const shown = JSON.stringify(await client.messages.get(messageId));
    assert.doesNotMatch(shown, /s3cret/);
    assert.match(shown, /REDACTED:[0-9a-f]{64}/);
    assert.match(shown, /open/);
    await qstash.idle();
    const { logs } = await client.logs();
    assert(logs.every(({ body }) => body?.startsWith("REDACTED:")));
    assert.equal(destination.received[0]?.body, '{"secret":"s3cret"}');
    assert.equal(destination.received[0]?.headers.get("x-secret"), "s3cret");
  }));

Deno.test("publishing can be made to fail as QStash does beyond the daily limit", () =>
  withQStash(async ({ qstash, client, destination }) => {
    qstash.setFaults({ refuse: { status: 429 } });
    await assert.rejects(client.publish({ url: destination.url }), QstashDailyRatelimitError);
    qstash.setFaults({ refuse: {} });
    await assert.rejects(client.batchJSON([{ url: destination.url }]), /503/);
    qstash.setFaults({});
    await client.publish({ url: destination.url });
    await qstash.idle();
    assert.equal(destination.received.length, 1);
  }));

Deno.test("foreign hosts are answered on the spot where that is asked for, this machine never", () =>
  withQStash(async ({ qstash, client, destination }) => {
    await client.publish({ url: "https://example.com/", retries: 0 });
    await client.publish({ url: "https://elsewhere.example/?sleep=1", retries: 0 });
    await client.publish({ url: destination.url, retries: 0 });
    await qstash.idle();
    const statuses = qstash.messages().map(({ url, lastStatus }) => [url, lastStatus]);
    assert.deepEqual(Object.fromEntries(statuses), {
      "https://example.com/": 405,
      "https://elsewhere.example/?sleep=1": 200,
      [destination.url]: 200,
    });
    assert.equal(destination.received.length, 1);
  }, { answerForeignHosts: true }));

Deno.test("a thousand messages that are over are remembered, and no more", () =>
  withQStash(async ({ qstash, client }) => {
    const batch = Array.from({ length: 100 }, () => ({ url: "https://elsewhere.example/" }));
    for (let round = 0; round < 11; round++) {
      await client.batch(batch);
      await qstash.idle();
    }
    assert.equal(qstash.messages().length, 1_000);
    assert.equal(qstash.pending(), 0);
  }, { answerForeignHosts: true }));
