import assert from "node:assert/strict";
import { withQStash } from "../qstash_support.ts";

const set = (url: string, faults: unknown, headers: HeadersInit = {}) =>
  fetch(`${url}/dev/fault`, { method: "POST", headers, body: JSON.stringify(faults) });

Deno.test("another process sets faults, reads them with their hits, and ends them", () =>
  withQStash(async ({ qstash, client, destination }) => {
    const faults = {
      duplicate: { url: { pattern: "MAIL$", flags: "i" }, timesPerMessage: 1 },
      lose: [{ label: "lost", nth: [1, 2] }, { body: "gone" }],
      late: { rate: 0, lateMs: 5 },
      refuse: { rate: 0, status: 429 },
      seed: 3,
    };
    const answer = await set(qstash.url, faults);
    assert.equal(answer.status, 200);
    assert.deepEqual((await answer.json()).faults, faults);
    await client.publish({ url: `${destination.url}/mail` });
    await client.publish({ url: `${destination.url}/lost`, label: "lost" });
    await qstash.idle();
    const { hits } = await (await fetch(`${qstash.url}/dev/fault`)).json();
    assert.deepEqual([hits.duplicate, hits.lose, hits.late, hits.refuse], [1, 1, 0, 0]);
    assert.deepEqual(destination.received.map(({ path }) => path), ["/mail", "/mail"]);
    for (const none of [{}, null]) {
      assert.deepEqual((await (await set(qstash.url, none)).json()).faults, {});
    }
    await client.publish({ url: `${destination.url}/mail` });
    await qstash.idle();
    assert.equal(destination.received.length, 3);
  }));

Deno.test("faults that cannot be read change nothing and are answered with what is wrong", () =>
  withQStash(async ({ qstash }) => {
    qstash.setFaults({ reorder: { label: "kept", when: () => true } });
    for (
      const wrong of [
        { duplicates: {} },
        { duplicate: { labels: "a" } },
        { duplicate: { rate: 2 } },
        { duplicate: { url: { pattern: "(" } } },
        { duplicate: { nth: 0 } },
        { delay: {} },
        { loseAnswer: { cut: "after" } },
        [],
        "x",
      ]
    ) {
      const response = await set(qstash.url, wrong);
      assert.equal(response.status, 422, JSON.stringify(wrong));
      assert.equal(typeof (await response.json()).error, "string");
    }
    const { faults } = await (await fetch(`${qstash.url}/dev/fault`)).json();
    assert.deepEqual(faults, { reorder: { label: "kept", when: "a function" } });
  }));

Deno.test("the page shows which faults are on, and switches each of them on and off", () =>
  withQStash(async ({ qstash, client, destination }) => {
    const page = async () => await (await fetch(qstash.url)).text();
    const press = async (kind: string) => {
      const headers = { accept: "text/html" };
      const init = { method: "POST", headers, redirect: "manual" } as const;
      const response = await fetch(`${qstash.url}/dev/fault/${kind}`, init);
      await response.body?.cancel();
      return response.status;
    };
    assert.doesNotMatch(await page(), /Faults are on|Switch off/);
    assert.equal(await press("duplicate"), 303);
    assert.equal(await press("lose"), 303);
    assert.match(await page(), /Faults are on: duplicate, lose\./);
    assert.equal(await press("lose"), 303);
    await client.publish({ url: destination.url });
    await qstash.idle();
    assert.equal(destination.received.length, 2);
    assert.match(await page(), /Faults are on: duplicate\./);
    qstash.setFaults({ refuse: { label: "<i>x</i>" } });
    const shown = await page();
    assert(shown.includes("&lt;i&gt;x&lt;/i&gt;") && !shown.includes("<i>x"));
    assert.equal(await press("everything"), 404);
  }));

Deno.test("other sites can neither set a fault nor press its switch", () =>
  withQStash(async ({ qstash }) => {
    const headers = { origin: "https://elsewhere.example" };
    for (const path of ["/dev/fault", "/dev/fault/lose"]) {
      const init = { method: "POST", headers, body: '{"lose":{}}' };
      const response = await fetch(qstash.url + path, init);
      assert.equal(response.status, 401);
      await response.body?.cancel();
    }
    assert.deepEqual((await (await fetch(`${qstash.url}/dev/fault`)).json()).faults, {});
  }));
