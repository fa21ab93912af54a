import assert from "node:assert/strict";
import { minuteMs, secondMs } from "../../../lib/time.ts";
import { call, type Setting, withQStash } from "../qstash_support.ts";

const flowControl = { key: "key_a", parallelism: 5 } as const;

/** Two kinds of messages that fail, unlike in all that a filter can tell; then one that waits for its time. */
async function prepare({ qstash, client, destination, clock }: Setting) {
  destination.answer = ({ path }) => new Response(null, { status: path === "/a" ? 500 : 404 });
  await client.urlGroups.addEndpoints({
    name: "group_a",
    endpoints: [{ name: "endpoint_a", url: `${destination.url}/a` }],
  });
  await client.schedules.create({
    destination: "group_a",
    cron: "0 0 1 1 *",
    scheduleId: "schedule_a",
    label: ["label_a", "shared"],
    queueName: "queue_a",
    flowControl,
    retries: 0,
  });
  const [messageId] = qstash.fireSchedule("schedule_a");
  await qstash.idle();
  await clock.advance(minuteMs);
  await client.publish({
    url: `${destination.url}/b?c=d`,
    label: ["label_b", "shared"],
    retries: 0,
  });
  await qstash.idle();
  return { messageId: messageId ?? "", aMs: clock.now() - minuteMs };
}

type Facts = Awaited<ReturnType<typeof prepare>> & { url: string };

// Each value selects the message "a" alone.
const filters: Array<[name: string, lists: string, value: (facts: Facts) => string | number]> = [
  ["messageId", "dlq logs", ({ messageId }) => messageId],
  ["messageIds", "logs", ({ messageId }) => messageId],
  ["url", "dlq logs messages", ({ url }) => `${url}/a`],
  ["path", "logs messages", () => "/a"],
  ["topicName", "dlq logs messages", () => "group_a"],
  ["scheduleId", "dlq logs messages", () => "schedule_a"],
  ["queueName", "dlq logs messages", () => "queue_a"],
  ["label", "dlq logs messages", () => "label_a"],
  ["flowControlKey", "dlq logs messages", () => "key_a"],
  ["responseStatus", "dlq", () => 500],
  ["toDate", "dlq logs messages", ({ aMs }) => aMs],
];

for (const [list, path] of [["dlq", "/v2/dlq"], ["logs", "/v2/logs"]] as const) {
  Deno.test(`GET ${path} knows each documented filter, several values of one, and no other`, () =>
    withQStash(async (setting) => {
      const facts = { ...await prepare(setting), url: setting.destination.url };
      const read = async (query: string) => {
        const response = await call(setting.qstash, `${path}?${query}`);
        const body = await response.json();
        return { status: response.status, items: body.messages ?? body.logs ?? [] };
      };
      const ids = async (query: string) =>
        new Set((await read(query)).items.map((item: { messageId: string }) => item.messageId));
      for (const [name, lists, value] of filters.filter(([, lists]) => lists.includes(list))) {
        const query = `${name}=${encodeURIComponent(value(facts))}`;
        assert.deepEqual([...await ids(query)], [facts.messageId], `${query} in ${lists}`);
        assert.equal((await ids(`${query}&callerIp=192.0.2.1`)).size, 0, `${name} and another`);
      }
      assert.equal((await ids("label=label_a&label=label_b")).size, 2);
      assert.equal((await ids("label=label_a,label_b")).size, 2);
      assert.equal((await ids("label=shared&callerIp=127.0.0.1")).size, 2);
      const host = await read(`host=${new URL(facts.url).host}`);
      assert.equal(list === "dlq" ? host.status : host.items.length, list === "dlq" ? 400 : 8);
      assert.equal((await ids(`fromDate=${facts.aMs + 1}`)).size, 1);
      for (const query of ["labels=a", "count=0", "count=ten", "order=random", "cursor=x"]) {
        assert.equal((await read(query)).status, 400, query);
      }
    }));

  Deno.test(`GET ${path} reads in either direction, page by page, at most a hundred at a time`, () =>
    withQStash(async (setting) => {
      const { qstash, client, destination, clock } = setting;
      destination.answer = () => new Response(null, { status: 500 });
      for (let index = 0; index < 5; index++) {
        await client.publish({ url: `${destination.url}/${index}`, retries: 0 });
        await qstash.idle();
        await clock.advance(secondMs);
      }
      const state = list === "logs" ? "state=FAILED&" : "";
      const read = async (order: string) => {
        const urls: string[] = [];
        let cursor: string | undefined = "";
        while (cursor !== undefined) {
          const query: string = `${state}count=2&order=${order}&cursor=${cursor}`;
          const page = await (await call(qstash, `${path}?${query}`)).json();
          urls.push(...(page.messages ?? page.logs).map(({ url }: { url: string }) => url.at(-1)));
          cursor = page.cursor;
        }
        return urls.join("");
      };
      assert.deepEqual([await read("latestFirst"), await read("earliestFirst")], [
        "43210",
        "01234",
      ]);
      await client.batch(Array.from({ length: 101 }, () => ({ url: destination.url, retries: 0 })));
      await qstash.idle();
      const page = await (await call(qstash, `${path}?count=500`)).json();
      assert.equal((page.messages ?? page.logs).length, 100);
    }));
}

Deno.test("DELETE /v2/messages cancels by each documented filter, and as many as a count from 1 to 500 says", () =>
  withQStash(async (setting) => {
    const { qstash, client, destination, clock } = setting;
    await prepare(setting);
    await client.queue({ queueName: "queue_a" }).pause();
    for (const [name, , value] of filters.filter(([, lists]) => lists.includes("messages"))) {
      const [messageId = ""] = qstash.fireSchedule("schedule_a");
      const aMs = clock.now();
      const query = `${name}=${
        encodeURIComponent(value({ messageId, aMs, url: destination.url }))
      }`;
      const cancel = async (more: string) =>
        await (await call(qstash, `/v2/messages?${query}${more}`, { method: "DELETE" })).json();
      assert.deepEqual(await cancel("&callerIp=192.0.2.1"), { cancelled: 0 }, query);
      assert.deepEqual(await cancel(""), { cancelled: 1 }, query);
      await clock.advance(secondMs);
    }
    for (const count of [0, 501]) {
      const response = await call(qstash, `/v2/messages?count=${count}`, { method: "DELETE" });
      assert.equal(response.status, 400);
      await response.body?.cancel();
    }
    for (let index = 0; index < 3; index++) qstash.fireSchedule("schedule_a");
    assert.deepEqual(await client.messages.cancel({ all: true, count: 2 }), { cancelled: 2 });
    const all = await call(qstash, "/v2/messages", { method: "DELETE" });
    assert.deepEqual(await all.json(), { cancelled: 1 });
  }));
