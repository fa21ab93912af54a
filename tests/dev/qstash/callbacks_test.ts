import assert from "node:assert/strict";
import { secondMs } from "../../../lib/time.ts";
import { call, withQStash } from "../qstash_support.ts";

Deno.test("a callback carries every documented field, of a run of a schedule through a URL group", () =>
  withQStash(async ({ qstash, client, destination, clock }) => {
    destination.answer = ({ path }) =>
      path === "/told"
        ? new Response()
        : new Response("answer", { status: 201, headers: { "x-answer": "yes" } });
    await client.urlGroups.addEndpoints({
      name: "group",
      endpoints: [{ name: "endpoint", url: `${destination.url}/job` }],
    });
    await client.schedules.create({
      destination: "group",
      cron: "0 0 1 1 *",
      scheduleId: "schedule",
      method: "PUT",
      body: "asked",
      headers: { "x-own": "mine" },
      callback: `${destination.url}/told`,
      retries: 2,
    });
    const [messageId] = qstash.fireSchedule("schedule");
    await qstash.idle();
    const told = JSON.parse(destination.received.at(-1)?.body ?? "");
    assert.deepEqual([told.header["X-Answer"], told.sourceHeader["X-Own"]], [["yes"], ["mine"]]);
    assert.deepEqual({ ...told, header: {}, sourceHeader: {} }, {
      status: 201,
      header: {},
      body: btoa("answer"),
      retried: 0,
      maxRetries: 2,
      sourceMessageId: messageId,
      topicName: "group",
      endpointName: "endpoint",
      url: `${destination.url}/job`,
      method: "PUT",
      sourceHeader: {},
      sourceBody: btoa("asked"),
      notBefore: clock.now(),
      createdAt: clock.now(),
      scheduleId: "schedule",
      callerIP: "127.0.0.1",
    });
  }));

for (const kind of ["Callback", "Failure-Callback"]) {
  Deno.test(`a ${kind} has a method, retries, a delay between them, a timeout and headers of its own`, () =>
    withQStash(async ({ qstash, client, destination, clock }) => {
      const toldOnce = () => destination.received.filter(({ path }) => path === "/told").length > 1;
      destination.answer = () => new Response(null, { status: toldOnce() ? 200 : 500 });
      const headers = {
        [`Upstash-${kind}`]: `${destination.url}/told`,
        [`Upstash-${kind}-Method`]: "PATCH",
        [`Upstash-${kind}-Retries`]: "5",
        [`Upstash-${kind}-Retry-Delay`]: "2000",
        [`Upstash-${kind}-Timeout`]: "9s",
        [`Upstash-${kind}-Label`]: "told",
        [`Upstash-${kind}-Forward-X-Team`]: "blue",
      };
      const { messageId } = await client.publish({ url: destination.url, retries: 0, headers });
      await qstash.idle();
      await clock.advance(2 * secondMs);
      const [, ...told] = destination.received;
      assert.deepEqual(told.map(({ method }) => method), ["PATCH", "PATCH"]);
      assert(told.every(({ headers }) => headers.get("x-team") === "blue"));
      const { logs } = await client.logs({ filter: { label: "told", state: "DELIVERED" } });
      const log = logs[0] as unknown as { maxRetries: number; timeout: number };
      assert.deepEqual([log.maxRetries, log.timeout], [5, 9 * secondMs]);
      const source = await client.logs({ messageIds: [messageId] });
      const field = kind === "Callback" ? "callbackHeaders" : "failureCallbackHeaders";
      const shown = (source.logs[0] as unknown as Record<string, Record<string, string[]>>)[field];
      assert.deepEqual(shown?.["X-Team"], ["blue"]);
    }));

  Deno.test(`a delayed ${kind} is refused when its message is published`, () =>
    withQStash(async ({ qstash, destination }) => {
      for (const name of ["Delay", "Not-Before"]) {
        const response = await call(qstash, `/v2/publish/${destination.url}`, {
          method: "POST",
          headers: {
            [`Upstash-${kind}`]: destination.url,
            [`Upstash-${kind}-${name}`]: name === "Delay" ? "10s" : "4000000000",
          },
        });
        assert.equal(response.status, 400);
        assert.match((await response.json()).error, new RegExp(`Upstash-${kind}-${name}`));
      }
    }));
}
