import type { Hono } from "hono";
import { z } from "zod";
import type { Broker } from "./broker.ts";
import { readJson } from "./requests.ts";
import { cancel } from "./settle.ts";

const queueShape = z.object({
  queueName: z.string(),
  parallelism: z.int().min(1).optional(),
  paused: z.boolean().optional(),
});

export function mountQueues(api: Hono, broker: Broker) {
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
