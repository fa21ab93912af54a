import assert from "node:assert/strict";
import { Receiver } from "@upstash/qstash";
import { dayMs, hourMs, secondMs } from "../../lib/time.ts";
import { startQStash } from "../../dev/qstash/mod.ts";
import { call, gate, withQStash } from "./qstash_support.ts";

const unavailable = () => new Response("not now", { status: 503 });
const hopeless = () =>
  new Response("never", { status: 489, headers: { "Upstash-NonRetryable-Error": "true" } });

Deno.test("a published message arrives as it was sent, with a signature for exactly this body and address", () =>
  withQStash(async ({ qstash, client, receiver, destination }) => {
    const url = `${destination.url}/jobs/mail?kind=a/b&to=c%20d`;
    const { messageId } = await client.publishJSON({
      url,
      body: { hello: "wörld" },
      headers: { "x-trace": "t1" },
      method: "PUT",
    });
    await qstash.idle();

    const [request] = destination.received;
    assert(request !== undefined);
    assert.equal(request.method, "PUT");
    assert.equal(request.path, "/jobs/mail?kind=a/b&to=c%20d");
    assert.equal(request.body, '{"hello":"wörld"}');
    assert.equal(request.headers.get("content-type"), "application/json");
    assert.equal(request.headers.get("x-trace"), "t1");
    assert.equal(request.headers.get("user-agent"), "Upstash-QStash");
    assert.equal(request.headers.get("upstash-message-id"), messageId);
    assert.equal(request.headers.get("upstash-retried"), "0");
    assert.equal(request.headers.get("authorization"), null);

    const signature = request.headers.get("upstash-signature") ?? "";
    assert.equal(await receiver.verify({ signature, body: request.body, url }), true);
    await assert.rejects(receiver.verify({ signature, body: `${request.body} `, url }));
    await assert.rejects(receiver.verify({ signature, body: request.body, url: `${url}x` }));
    const stranger = new Receiver({ currentSigningKey: "sig_a", nextSigningKey: "sig_b" });
    await assert.rejects(stranger.verify({ signature, body: request.body, url }));
  }));

Deno.test("a signature carries the documented claims, and ends after five minutes", () =>
  withQStash(async ({ qstash, client, destination, clock }) => {
    await client.publish({ url: `${destination.url}/a`, body: "{}" });
    await qstash.idle();
    const token = destination.received[0]?.headers.get("upstash-signature") ?? "";
    const claims = JSON.parse(atob(token.split(".")[1] ?? ""));
    const iat = clock.now() / secondMs;
    assert.deepEqual(
      { ...claims, jti: claims.jti.slice(0, 4) },
      {
        iss: "Upstash",
        sub: `${destination.url}/a`,
        exp: iat + 300,
        nbf: 0,
        iat,
        jti: "jwt_",
        body: "RBNvo1WzZ4oRRq0W9-hknpT7T8If536DEMBg9hyq_4o=",
      },
    );
  }));

Deno.test("a destination that answers 503 twice gets the message three times, as far apart as the formula says", () =>
  withQStash(async ({ qstash, client, destination, clock }) => {
    destination.answer = () => destination.received.length < 3 ? unavailable() : new Response("ok");
    const startMs = clock.now();
    await client.publishJSON({ url: destination.url, retryDelay: "100 * (1 + retried)" });
    await qstash.idle();
    assert.equal(destination.received.length, 1);
    await clock.advance(99);
    assert.equal(destination.received.length, 1);
    await clock.advance(1);
    await clock.advance(200);

    const seen = destination.received.map(({ headers, atMs }) => [
      headers.get("upstash-retried"),
      atMs - startMs,
    ]);
    assert.deepEqual(seen, [["0", 0], ["1", 100], ["2", 300]]);
    assert.equal(new Set(destination.received.map(idOf)).size, 1);
    assert.equal(qstash.messages()[0]?.state, "DELIVERED");
    assert.equal(qstash.pending(), 0);
  }));

Deno.test("retries follow QStash's own curve, and after the last one the message is a dead letter", () =>
  withQStash(async ({ qstash, client, destination, clock }) => {
    destination.answer = unavailable;
    const { messageId } = await client.publishJSON({ url: destination.url, retries: 5 });
    await qstash.idle();
    // The documented table: 12 s, 2 m 28 s, 30 m 8 s, 6 h 7 m 6 s, 24 h.
    const documentedMs = [12, 148, 1808, 22026, 86400].map((seconds) => seconds * secondMs);
    for (const [retry, delayMs] of documentedMs.entries()) {
      await clock.advance(delayMs - 1);
      assert.equal(destination.received.length, retry + 1);
      await clock.advance(secondMs);
      assert.equal(destination.received.length, retry + 2);
    }
    const { messages } = await client.dlq.listMessages();
    assert.deepEqual(
      messages.map(({ messageId, responseStatus, responseBody }) => [
        messageId,
        responseStatus,
        responseBody,
      ]),
      [[messageId, 503, "not now"]],
    );
  }));

Deno.test("an answer's Retry-After decides over curve and formula, up to a day", () =>
  withQStash(async ({ qstash, client, destination, clock }) => {
    const forms = ["7", "1m30s", new Date(clock.now() + hourMs).toUTCString(), "90000"];
    const delaysMs = [7 * secondMs, 90 * secondMs, hourMs, 50];
    for (const [index, form] of forms.entries()) {
      const startMs = clock.now();
      if (index === 2) forms[2] = new Date(startMs + hourMs).toUTCString();
      destination.answer = () =>
        new Response(null, { status: 429, headers: { "Retry-After": forms[index] ?? form } });
      await client.publish({ url: destination.url, retries: 1, retryDelay: "50" });
      await qstash.idle();
      const [waiting] = qstash.messages().filter(({ state }) => state === "RETRY");
      // HTTP dates have whole seconds.
      const delayMs = (waiting?.nextAttemptMs ?? 0) - startMs;
      assert(Math.abs(delayMs - (delaysMs[index] ?? 0)) < secondMs, `${form}: ${delayMs}`);
      await clock.advance(dayMs);
    }
  }));

Deno.test("489 with the non-retryable header ends a message at once and tells the failure callback", () =>
  withQStash(async ({ qstash, client, receiver, destination }) => {
    destination.answer = ({ path }) => path === "/job" ? hopeless() : new Response("noted");
    const failureCallback = `${destination.url}/failed`;
    const { messageId } = await client.publishJSON({
      url: `${destination.url}/job`,
      body: { id: 7 },
      failureCallback,
    });
    await qstash.idle();

    const [job, callback] = destination.received;
    assert.deepEqual(destination.received.map(({ path }) => path), ["/job", "/failed"]);
    assert(job !== undefined && callback !== undefined);
    const signature = callback.headers.get("upstash-signature") ?? "";
    await receiver.verify({ signature, body: callback.body, url: failureCallback });
    const told = JSON.parse(callback.body);
    const { messages: [letter] } = await client.dlq.listMessages();
    assert.equal(letter?.messageId, messageId);
    assert.deepEqual(
      [told.status, told.sourceMessageId, told.retried, told.maxRetries, told.dlqId],
      [489, messageId, 0, 3, letter?.dlqId],
    );
    assert.equal(atob(told.body), "never");
    assert.equal(atob(told.sourceBody), '{"id":7}');
    assert.equal(told.url, `${destination.url}/job`);
    assert.equal(typeof told.createdAt, "number");
  }));

Deno.test("489 without the header is retried as any other failure", () =>
  withQStash(async ({ qstash, client, destination }) => {
    destination.answer = () => new Response(null, { status: 489 });
    await client.publish({ url: destination.url, retries: 2, retryDelay: "0" });
    await qstash.idle();
    assert.equal(destination.received.length, 3);
  }));

Deno.test("a redirect is not followed: it is a failure as any other", () =>
  withQStash(async ({ qstash, client, destination }) => {
    destination.answer = ({ path }) =>
      path === "/new" ? new Response("ok") : Response.redirect(`${destination.url}/new`, 307);
    await client.publish({ url: `${destination.url}/old`, retries: 0 });
    await qstash.idle();
    assert.deepEqual(destination.received.map(({ path }) => path), ["/old"]);
    assert.deepEqual(qstash.deadLetters().map(({ lastStatus }) => lastStatus), [307]);
  }));

Deno.test("headers that belong to one connection are not forwarded", () =>
  withQStash(async ({ qstash, client, destination }) => {
    const headers = { "Upstash-Forward-Host": "elsewhere", "Upstash-Forward-Te": "trailers" };
    await client.publish({ url: destination.url, body: "whole", headers });
    await qstash.idle();
    const [request] = destination.received;
    assert.deepEqual([request?.body, request?.headers.get("te")], ["whole", null]);
    assert.equal(request?.headers.get("host"), new URL(destination.url).host);
  }));

Deno.test("a callback is told of every attempt, under its own headers", () =>
  withQStash(async ({ qstash, client, destination }) => {
    const jobs = () => destination.received.filter(({ path }) => path === "/job").length;
    destination.answer = ({ path }) =>
      path === "/job" && jobs() === 1 ? unavailable() : new Response("fine");
    await client.publish({
      url: `${destination.url}/job`,
      retryDelay: "0",
      callback: `${destination.url}/told`,
      headers: { "Upstash-Callback-Forward-X-Team": "blue", "Upstash-Callback-Method": "PUT" },
    });
    await qstash.idle();
    const told = destination.received.filter(({ path }) => path === "/told");
    assert.deepEqual(told.map(({ body }) => JSON.parse(body).status).toSorted(), [200, 503]);
    assert(
      told.every(({ method, headers }) => method === "PUT" && headers.get("x-team") === "blue"),
    );
  }));

Deno.test("an answer that takes too long, and a host that does not answer, are failures", () =>
  withQStash(async ({ qstash, client, destination }) => {
    const { opened, open } = gate();
    destination.answer = async () => {
      await opened;
      return new Response();
    };
    await client.publish({ url: `${destination.url}/slow`, timeout: 0.05, retries: 0 });
    await client.publish({ url: `${closedUrl()}/closed`, retries: 0 });
    await qstash.idle();
    open();
    const closed = qstash.deadLetters().find(({ url }) => url.endsWith("/closed"));
    const slow = qstash.deadLetters().find(({ url }) => url.endsWith("/slow"));
    assert.match(slow?.lastError ?? "", /no answer within 0.05 s/);
    assert.match(closed?.lastError ?? "", /refused/);
    assert.equal(closed?.lastStatus, undefined);
  }));

Deno.test("one rotation of the signing keys harms no receiver, a second one does", () =>
  withQStash(async ({ qstash, client, receiver, destination }) => {
    const verifies = async () => {
      await client.publish({ url: destination.url, body: "x" });
      await qstash.idle();
      const signature = destination.received.at(-1)?.headers.get("upstash-signature") ?? "";
      return await receiver.verify({ signature, body: "x", url: destination.url });
    };
    const before = { current: qstash.currentSigningKey, next: qstash.nextSigningKey };
    const rotated = await (await call(qstash, "/v2/keys/rotate", { method: "POST" })).json();
    assert.equal(rotated.current, before.next);
    assert.deepEqual(rotated, { current: qstash.currentSigningKey, next: qstash.nextSigningKey });
    assert.deepEqual(await (await call(qstash, "/v2/keys")).json(), rotated);
    assert.equal(await verifies(), true);
    await (await call(qstash, "/v2/keys/rotate", { method: "POST" })).body?.cancel();
    await assert.rejects(verifies());
  }));

Deno.test("token and keys can be given, a taken port is an error, and only loopback is listened at", () =>
  withQStash(async ({ qstash, destination }) => {
    assert.deepEqual(
      [qstash.token, qstash.currentSigningKey, qstash.nextSigningKey],
      ["token_a", "sig_a", "sig_b"],
    );
    assert.match(qstash.url, /^http:\/\/127\.0\.0\.1:\d+$/);
    const port = Number(new URL(destination.url).port);
    await assert.rejects(startQStash({ port }), Deno.errors.AddrInUse);
  }, { token: "token_a", currentSigningKey: "sig_a", nextSigningKey: "sig_b" }));

Deno.test("stop() ends requests that are out and leaves nothing behind", () =>
  withQStash(async ({ qstash, client, destination }) => {
    const { opened, open } = gate();
    const arrived = gate();
    destination.answer = async () => {
      arrived.open();
      await opened;
      return new Response();
    };
    await client.publish({ url: destination.url });
    await client.publish({ url: destination.url, delay: "365d" });
    await arrived.opened;
    await qstash.stop();
    await qstash.idle();
    assert.deepEqual(qstash.messages().map(({ retried }) => retried), [0, 0]);
    open();
    await assert.rejects(client.publish({ url: destination.url }));
  }));

/** An address that nobody listens at. */
function closedUrl(): string {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  listener.close();
  return `http://127.0.0.1:${listener.addr.port}`;
}

function idOf({ headers }: { headers: Headers }): string | null {
  return headers.get("upstash-message-id");
}
