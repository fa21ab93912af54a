import assert from "node:assert/strict";
import { Client } from "@upstash/qstash";
import { minuteMs, secondMs } from "../../../lib/time.ts";
import { call, withQStash } from "../qstash_support.ts";

Deno.test("a sender that can set no headers says in the query what it wants, and the destination gets the rest", () =>
  withQStash(async ({ qstash, destination, clock }) => {
    const settings = `qstash_token=${qstash.token}&upstash-delay=60s&upstash-forward-x-a=b%20c`;
    const url = `${qstash.url}/v2/publish/${destination.url}/hook?id=1%2F2&${settings}&last`;
    const headers = { authorization: "Basic theirs", "x-vendor": "kept" };
    const silent = await fetch(url, { method: "POST", body: "hello", headers });
    assert.equal(silent.status, 201);
    await silent.body?.cancel();
    await clock.advance(minuteMs);
    const [request] = destination.received;
    assert.deepEqual([request?.path, request?.body], ["/hook?id=1%2F2&last", "hello"]);
    assert.equal(request?.headers.get("x-a"), "b c");
    assert.equal(request?.headers.get("x-vendor"), null);

    const open = await fetch(`${url}&upstash-header-forward=true&upstash-delay=0s`, {
      method: "POST",
      headers,
    });
    await open.body?.cancel();
    await qstash.idle();
    const all = destination.received.at(-1)?.headers;
    assert.deepEqual([all?.get("x-vendor"), all?.get("authorization")], ["kept", "Basic theirs"]);
  }));

Deno.test("our own token never reaches a destination, even where all headers are forwarded", () =>
  withQStash(async ({ qstash, destination }) => {
    const response = await call(qstash, `/v2/publish/${destination.url}`, {
      method: "POST",
      headers: { "Upstash-Header-Forward": "true", "x-vendor": "kept" },
    });
    await response.body?.cancel();
    await qstash.idle();
    const headers = destination.received[0]?.headers;
    assert.deepEqual([headers?.get("x-vendor"), headers?.get("authorization")], ["kept", null]);
    assert.equal(headers?.get("upstash-header-forward"), null);
  }));

Deno.test("a URL group's own headers hold for what is published to it, unless the publish brings others", () =>
  withQStash(async ({ qstash, client, destination }) => {
    const patch = (name: string) =>
      call(qstash, `/v2/topics/${name}`, {
        method: "PATCH",
        body: JSON.stringify({
          headers: { "Upstash-Retries": "7", "Upstash-Forward-X-Team": ["blue"] },
        }),
      });
    assert.equal((await patch("hooks")).status, 404);
    await client.urlGroups.addEndpoints({ name: "hooks", endpoints: [{ url: destination.url }] });
    assert.equal((await patch("hooks")).status, 200);
    await client.urlGroups.addEndpoints({ name: "hooks", endpoints: [{ url: destination.url }] });
    await client.publishJSON({ urlGroup: "hooks" });
    await client.publishJSON({ urlGroup: "hooks", retries: 1, headers: { "x-team": "red" } });
    await qstash.idle();
    assert.deepEqual(qstash.messages().map(({ maxRetries }) => maxRetries), [7, 1]);
    const teams = destination.received.map(({ headers }) => headers.get("x-team"));
    assert.deepEqual(teams, ["blue", "red"]);
  }));

Deno.test("a read-only token reads everything and changes nothing", () =>
  withQStash(async ({ qstash, client, destination }) => {
    const { messageId } = await client.publish({ url: destination.url, delay: 60 });
    const reader = new Client({ baseUrl: qstash.url, token: qstash.readOnlyToken, retry: false });
    assert.equal((await reader.messages.get(messageId)).messageId, messageId);
    assert.equal((await reader.logs()).logs.length, 1);
    await assert.rejects(reader.publish({ url: destination.url }), /only read/);
    await assert.rejects(reader.messages.cancel(messageId), /only read/);
    await assert.rejects(reader.queue({ queueName: "q" }).pause(), /only read/);
    assert.equal(qstash.pending(), 1);
  }));

Deno.test("a publish with a cron expression makes a schedule", () =>
  withQStash(async ({ qstash, client, destination, clock }) => {
    const response = await call(qstash, `/v2/publish/${destination.url}/tick`, {
      method: "POST",
      headers: { "Upstash-Cron": "* * * * *" },
      body: "tick",
    });
    const { scheduleId } = await response.json();
    assert.equal((await client.schedules.get(scheduleId)).cron, "* * * * *");
    assert.deepEqual(destination.received, []);
    await clock.advance(minuteMs);
    assert.deepEqual(destination.received.map(({ body }) => body), ["tick"]);
  }));

Deno.test("a schedule's message keeps a relative delay, and an absolute one is refused", () =>
  withQStash(async ({ client, destination, clock }) => {
    const create = (more: Record<string, unknown>) =>
      client.schedules.create({ destination: destination.url, cron: "* * * * *", ...more });
    const { scheduleId } = await create({ delay: 30 });
    const notBefore = String(clock.now() / secondMs + 60);
    await assert.rejects(create({ headers: { "Upstash-Not-Before": notBefore } }), /Upstash-Delay/);
    const { delay, nextScheduleTime = 0 } = await client.schedules.get(scheduleId);
    assert.equal(delay, 30);
    await clock.advance(nextScheduleTime - clock.now());
    assert.equal(destination.received.length, 0);
    await clock.advance(30 * secondMs);
    assert.equal(destination.received.length, 1);
  }));
