import assert from "node:assert/strict";
import { withQStash } from "../qstash_support.ts";

Deno.test("the page shows messages, schedules and dead letters, and what people wrote only as text", () =>
  withQStash(async ({ qstash, client, destination }) => {
    const empty = await (await fetch(qstash.url)).text();
    assert.equal(empty.match(/None\./g)?.length, 3);
    destination.answer = () => new Response(null, { status: 500 });
    await client.publish({ url: `${destination.url}/fails`, retries: 0, label: "<b>bold</b>" });
    await client.publish({ url: `${destination.url}/later`, delay: 60 });
    await client.schedules.create({
      destination: `${destination.url}/tick`,
      cron: "*/5 * * * *",
      scheduleId: "tick",
    });
    await qstash.idle();
    const response = await fetch(qstash.url);
    const page = await response.text();
    assert.match(response.headers.get("content-security-policy") ?? "", /default-src 'none'/);
    for (const shown of ["/fails", "FAILED", "/later", "CREATED", "/tick", "*/5 * * * *", "500"]) {
      assert(page.includes(shown), shown);
    }
    assert(page.includes("&lt;b&gt;bold&lt;/b&gt;") && !page.includes("<b>bold"));
    assert(!/src=|href=|@import|url\(/.test(page), "it loads nothing");
  }));

Deno.test("the page's buttons fire a schedule and retry a dead letter", () =>
  withQStash(async ({ qstash, client, destination }) => {
    destination.answer = () => new Response(null, { status: 500 });
    await client.publish({ url: `${destination.url}/broken`, retries: 0 });
    await client.schedules.create({
      destination: `${destination.url}/tick`,
      cron: "0 0 1 1 *",
      scheduleId: "tick",
    });
    await qstash.idle();
    destination.answer = () => new Response("ok");
    const page = await (await fetch(qstash.url)).text();
    const actions = [...page.matchAll(/action="([^"]+)"/g)].map(([, action]) => action ?? "")
      .filter((action) => !action.startsWith("/dev/fault"));
    assert.equal(actions.length, 2);
    for (const action of actions) {
      const response = await fetch(qstash.url + action, {
        method: "POST",
        headers: { accept: "text/html" },
        redirect: "manual",
      });
      assert.deepEqual([response.status, response.headers.get("location")], [303, "/"]);
      await response.body?.cancel();
    }
    await qstash.idle();
    const paths = destination.received.map(({ path }) => path);
    assert.deepEqual(paths.toSorted(), ["/broken", "/broken", "/tick"]);
    const fired = await fetch(`${qstash.url}/dev/schedules/tick/fire`, { method: "POST" });
    assert.equal((await fired.json()).messageIds.length, 1);
    await qstash.idle();
  }));

Deno.test("other sites can neither press a button nor read the page under a name of theirs", () =>
  withQStash(async ({ qstash, client, destination }) => {
    await client.schedules.create({
      destination: destination.url,
      cron: "0 0 1 1 *",
      scheduleId: "tick",
    });
    const pressed = await fetch(`${qstash.url}/dev/schedules/tick/fire`, {
      method: "POST",
      headers: { origin: "https://elsewhere.example" },
    });
    assert.equal(pressed.status, 401);
    await pressed.body?.cancel();
    assert.equal(await statusFor(qstash.url, "rebound.example"), 401);
    assert.equal(await statusFor(qstash.url, "localhost"), 200);
    assert.deepEqual(qstash.messages(), []);
  }));

/** The status of `/` under another host name, which fetch would not send. */
async function statusFor(url: string, host: string): Promise<number> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port: Number(new URL(url).port) });
  const request = `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
  await connection.write(new TextEncoder().encode(request));
  const answer = await new Response(connection.readable).text();
  return Number(answer.split(" ")[1]);
}
