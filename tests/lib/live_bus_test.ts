import assert from "node:assert/strict";
import { type RedisStandIn, startRedis } from "../../dev/redis/mod.ts";
import { createLiveBus, type LiveBus } from "../../lib/live_bus.ts";
import { silentLog } from "../../lib/log.ts";
import { openRedis } from "../../lib/redis.ts";
import { pollUntil } from "../support/poll.ts";
import { portOf, startTcpProxy, through } from "../support/tcp_proxy.ts";

interface World {
  standIn: RedisStandIn;
  /** A process of its own; `url` where it reaches Redis by another way. */
  process(url?: string): LiveBus;
}

async function withBuses(work: (world: World) => Promise<void>): Promise<void> {
  const standIn = await startRedis();
  const buses: LiveBus[] = [];
  let nowMs = 0;
  const process = (url = standIn.url) => {
    // Each look at the clock is a second later, so that an open breaker tries again at once.
    const now = () => nowMs += 1_000;
    const { token } = standIn;
    const redis = openRedis({ url, token, deadlineMs: 1_000, now, log: silentLog });
    const bus = createLiveBus(redis, silentLog, 60);
    buses.push(bus);
    return bus;
  };
  try {
    await work({ standIn, process });
  } finally {
    for (const bus of buses) bus.close();
    standIn.setFault(null);
    await standIn.stop();
  }
}

/** Publishes until it is heard: a subscription takes a moment. */
async function untilHeard(from: LiveBus, channel: string, heard: string[]) {
  const before = heard.length;
  await pollUntil(`a frame on ${channel}`, async () => {
    await from.publish(channel, { at: "start" });
    return heard.length > before;
  });
}

Deno.test("what one process publishes is heard in every other, on its own channel only, in order", async () => {
  await withBuses(async ({ process }) => {
    const [one, two] = [process(), process()];
    const [mine, other, here]: string[][] = [[], [], []];
    two.listen("inbox:ada", (data) => mine?.push(data));
    two.listen("inbox:bob", (data) => other?.push(data));
    one.listen("inbox:ada", (data) => here?.push(data));
    await untilHeard(one, "inbox:ada", mine ?? []);
    await untilHeard(two, "inbox:ada", here ?? []);
    mine?.splice(0);
    for (let n = 0; n < 20; n++) await one.publish("inbox:ada", { n, text: "a,b\nc: 👋" });
    await pollUntil("all frames", () => mine?.length === 20);
    assert.deepEqual(
      mine?.map((data) => JSON.parse(data)),
      Array.from({ length: 20 }, (_, n) => ({ n, text: "a,b\nc: 👋" })),
    );
    assert.deepEqual(other, []);
  });
});

Deno.test("a listener that has left hears nothing more, and another on the same channel still does", async () => {
  await withBuses(async ({ process }) => {
    const bus = process();
    const [gone, stays]: string[][] = [[], []];
    const leave = bus.listen("a", (data) => gone?.push(data));
    bus.listen("a", (data) => stays?.push(data));
    await untilHeard(bus, "a", stays ?? []);
    leave();
    const heardBefore = gone?.length;
    await untilHeard(bus, "a", stays ?? []);
    assert.equal(gone?.length, heardBefore);
  });
});

Deno.test("a subscription whose connection dropped is taken up again by itself", async () => {
  await withBuses(async ({ standIn, process }) => {
    const [one, two] = [process(), process()];
    const heard: string[] = [];
    two.listen("a", (data) => heard.push(data));
    await untilHeard(one, "a", heard);
    standIn.setFault({ kind: "refuse" });
    await one.publish("a", { at: "nobody hears this" });
    standIn.setFault(null);
    await untilHeard(one, "a", heard);
    assert.ok(!heard.some((data) => data.includes("nobody")));
  });
});

Deno.test("a subscription that has only fallen silent is taken up again as well", async () => {
  await withBuses(async ({ standIn, process }) => {
    await using proxy = startTcpProxy(portOf(standIn.url));
    const [one, two] = [process(), process(through(proxy, standIn.url).replace(/\/$/, ""))];
    const heard: string[] = [];
    two.listen("a", (data) => heard.push(data));
    await untilHeard(one, "a", heard);
    proxy.silence("pass");
    await untilHeard(one, "a", heard);
    two.close();
  });
});

Deno.test("a quiet subscription that works is left alone", async () => {
  await withBuses(async ({ standIn, process }) => {
    const bus = process();
    const heard: string[] = [];
    bus.listen("a", (data) => heard.push(data));
    await untilHeard(bus, "a", heard);
    const started = standIn.requests();
    // Each beat in vain asks once; a new subscription would show as a second request per two beats.
    await pollUntil("ten beats", () => standIn.requests() >= started + 10);
    heard.splice(0);
    await bus.publish("a", 1);
    await pollUntil("the frame", () => heard.length > 0);
    assert.deepEqual(heard, ["1"], "heard once: there is one subscription");
  });
});

Deno.test("with Redis away, listeners of the same process still hear", async () => {
  await withBuses(async ({ standIn, process }) => {
    const bus = process();
    const heard: string[] = [];
    standIn.setFault({ kind: "refuse" });
    bus.listen("a", (data) => heard.push(data));
    await bus.publish("a", { n: 1 });
    assert.deepEqual(heard, ['{"n":1}']);
  });
});

Deno.test("whoever waits until the bus is ready hears the very next frame, the first listener of a process too", async () => {
  await withBuses(async ({ process }) => {
    const [one, two] = [process(), process()];
    for (let n = 0; n < 5; n++) {
      const heard: string[] = [];
      const close = two.listen("inbox:ada", (data) => heard.push(data));
      await two.ready();
      await one.publish("inbox:ada", { n });
      await pollUntil("the frame", () => heard.length === 1);
      close();
    }
  });
});

Deno.test("with Redis away nobody waits long for the bus", async () => {
  await withBuses(async ({ process, standIn }) => {
    standIn.setFault({ kind: "black_hole" });
    const bus = process();
    const close = bus.listen("inbox:ada", () => {});
    await bus.ready();
    close();
  });
});
