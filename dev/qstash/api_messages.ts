import type { Context, Hono } from "hono";
import { z } from "zod";
import type { Broker } from "./broker.ts";
import { filterSets, readFilter, readWholeNumber } from "./filters.ts";
import type { Message } from "./message.ts";
import { publish } from "./publish.ts";
import { Refusal } from "./refusal.ts";
import { readJson, readPublish } from "./requests.ts";
import { cancel } from "./settle.ts";
import { viewEvent, viewMessage } from "./views.ts";

const batchShape = z.array(z.object({
  destination: z.string(),
  headers: z.record(z.string(), z.string()).optional(),
  body: z.string().nullish(),
  queue: z.string().optional(),
}));
type BatchItem = z.infer<typeof batchShape>[number];

/** Publishing, looking at messages, cancelling them, and the log of events. */
export function mountMessages(api: Hono, broker: Broker) {
  for (const path of ["/v2/publish/*", "/v2/enqueue/*", "/v2/batch"]) {
    api.post(path, async (_c, next) => refuseByFault(broker) ?? await next());
  }
  api.post("/v2/publish/*", async (c) => answerPublish(c, broker, await readPublish(c, 2)));
  api.post("/v2/enqueue/:queue/*", async (c) => {
    const request = await readPublish(c, 3);
    return answerPublish(c, broker, { ...request, queueName: c.req.param("queue") });
  });
  api.post("/v2/batch", async (c) => {
    const items = await readJson(c, batchShape);
    return c.json(items.map((item) => publishItem(broker, item)));
  });

  api.get("/v2/messages/:id", (c) => c.json(viewMessage(findMessage(broker, c.req.param("id")))));
  api.delete("/v2/messages/:id", (c) => {
    cancel(broker, findMessage(broker, c.req.param("id")));
    return c.json({ cancelled: 1 });
  });
  api.delete("/v2/messages", (c) => {
    const selected = selectMessages(broker, new URL(c.req.url).searchParams);
    for (const message of selected) cancel(broker, message);
    return c.json({ cancelled: selected.length });
  });

  // The SDK reads "events", the newer documentation names "logs".
  for (const [path, name] of [["/v2/events", "events"], ["/v2/logs", "logs"]] as const) {
    api.get(path, (c) => {
      const { items, cursor } = broker.events.list(new URL(c.req.url).searchParams);
      return c.json({ cursor, [name]: items.map(viewEvent) });
    });
  }
}

function answerPublish(c: Context, broker: Broker, request: Parameters<typeof publish>[1]) {
  const published = publish(broker, request);
  const isDuplicate = !Array.isArray(published) && published.deduplicated === true;
  return c.json(published, isDuplicate ? 202 : 201);
}

/** One item that is refused does not keep the others back. */
function publishItem(broker: Broker, item: BatchItem) {
  try {
    const headers = new Headers(item.headers);
    const body = new TextEncoder().encode(item.body ?? "");
    return publish(broker, { destination: item.destination, headers, body, queueName: item.queue });
  } catch (error) {
    if (error instanceof Refusal || error instanceof TypeError) return { error: error.message };
    throw error;
  }
}

function findMessage(broker: Broker, id: string): Message {
  const message = broker.messages.find(id);
  if (message === undefined) throw new Refusal(404, `message ${id} not found`);
  return message;
}

/** Messages that can still be cancelled: those with the given ids, or else those that the filters select. */
function selectMessages(broker: Broker, query: URLSearchParams): Message[] {
  const matches = readFilter(query, filterSets.messages);
  const count = readWholeNumber(query, "count") ?? Infinity;
  return broker.messages.live()
    .filter((message) =>
      !message.cancelRequested && matches({ message, timeMs: message.createdMs })
    )
    .slice(0, count);
}

/** 429 carries the headers by which the SDK knows the daily limit. */
function refuseByFault(broker: Broker): Response | undefined {
  const status = broker.faults.refusal();
  if (status === undefined) return undefined;
  const resetSeconds = Math.ceil(broker.now() / 1000) + 60;
  const limits = { "RateLimit-Limit": "1000", "RateLimit-Remaining": "0" };
  return Response.json({ error: `refused by a fault: ${status}` }, {
    status,
    headers: status === 429 ? { ...limits, "RateLimit-Reset": String(resetSeconds) } : {},
  });
}
