import type { Hono } from "hono";
import { z } from "zod";
import type { Broker } from "./broker.ts";
import { type FlowLimits, readLimit, readPeriod } from "./flow_limits.ts";
import { readJson } from "./requests.ts";
import { cancel } from "./settle.ts";

const queueShape = z.object({
  queueName: z.string(),
  parallelism: z.int().min(1).optional(),
  paused: z.boolean().optional(),
});
const endpointsShape = z.object({
  endpoints: z.array(z.object({ name: z.string().optional(), url: z.string() })),
});
const removedEndpointsShape = z.object({
  endpoints: z.array(z.object({ name: z.string().optional(), url: z.string().optional() })),
});

/** What messages are sent through or to: queues, flow-control keys, URL groups; and the signing keys. */
export function mountQueues(api: Hono, broker: Broker) {
  mountQueueRoutes(api, broker);
  mountFlowControl(api, broker);
  mountUrlGroups(api, broker);
  api.get("/v2/keys", (c) => c.json(keysOf(broker)));
  api.post("/v2/keys/rotate", (c) => {
    broker.keys.rotate();
    return c.json(keysOf(broker));
  });
}

function mountQueueRoutes(api: Hono, broker: Broker) {
  const { queues } = broker;
  api.get("/v2/queues", (c) => c.json(queues.list()));
  api.on("POST", ["/v2/queues", "/v2/queues/"], async (c) => {
    const { queueName, ...change } = await readJson(c, queueShape);
    queues.upsert(queueName, change);
    return c.body(null, 200);
  });
  api.get("/v2/queues/:name", (c) => c.json(queues.view(c.req.param("name"))));
  api.delete("/v2/queues/:name", (c) => {
    for (const message of queues.remove(c.req.param("name"))) cancel(broker, message);
    return c.body(null, 200);
  });
  for (const [verb, paused] of [["pause", true], ["resume", false]] as const) {
    api.post(`/v2/queues/:name/${verb}`, (c) => {
      queues.upsert(c.req.param("name"), { paused });
      return c.body(null, 200);
    });
  }
}

function mountFlowControl(api: Hono, broker: Broker) {
  const { flows } = broker;
  api.get("/v2/globalParallelism", (c) => {
    const parallelismCount = broker.dispatch.inFlightCount();
    return c.json({ parallelismMax: broker.parallelism, parallelismCount });
  });
  api.get("/v2/flowControl", (c) => {
    const search = c.req.query("search") ?? "";
    return c.json(flows.list().filter(({ flowControlKey }) => flowControlKey.includes(search)));
  });
  api.get("/v2/flowControl/:key", (c) => c.json(flows.view(c.req.param("key"))));
  api.post("/v2/flowControl/:key/:verb{pause|resume|pin|unpin|resetRate}", (c) => {
    const { key, verb } = c.req.param();
    const { parallelism, rate } = c.req.query();
    if (verb === "pause" || verb === "resume") flows.setPaused(key, verb === "pause");
    if (verb === "pin") flows.pin(key, readPin(c.req.query()));
    if (verb === "unpin") {
      flows.unpin(key, { parallelism: parallelism === "true", rate: rate === "true" });
    }
    if (verb === "resetRate") flows.resetRate(key);
    return c.body(null, 200);
  });
}

function mountUrlGroups(api: Hono, broker: Broker) {
  const { groups } = broker;
  api.get("/v2/topics", (c) => c.json(groups.list()));
  api.get("/v2/topics/:name", (c) => c.json(groups.get(c.req.param("name"))));
  api.delete("/v2/topics/:name", (c) => {
    groups.delete(c.req.param("name"));
    return c.body(null, 200);
  });
  api.post("/v2/topics/:name/endpoints", async (c) => {
    const { endpoints } = await readJson(c, endpointsShape);
    groups.add(c.req.param("name"), endpoints);
    return c.body(null, 200);
  });
  api.delete("/v2/topics/:name/endpoints", async (c) => {
    const { endpoints } = await readJson(c, removedEndpointsShape);
    groups.remove(c.req.param("name"), endpoints);
    return c.body(null, 200);
  });
}

function readPin(query: Record<string, string>): Partial<FlowLimits> {
  const { parallelism, rate, period } = query;
  return {
    ...(parallelism === undefined ? {} : { parallelism: readLimit("parallelism", parallelism) }),
    ...(rate === undefined ? {} : { rate: readLimit("rate", rate) }),
    ...(period === undefined ? {} : { periodMs: readPeriod(period) }),
  };
}

function keysOf({ keys }: Broker) {
  return { current: keys.current, next: keys.next };
}
