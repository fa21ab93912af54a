import type { Hono } from "hono";
import type { Broker } from "./broker.ts";
import { valuesOf } from "./filters.ts";
import { messageIdsOf, publish } from "./publish.ts";
import { viewDeadLetter } from "./views.ts";

/** A new message begins without these of the old one: it is not a duplicate, and it is due. */
const notRepeated = [
  "upstash-deduplication-id",
  "upstash-content-based-deduplication",
  "upstash-delay",
  "upstash-not-before",
];

/** The DLQ: messages that were given up, to look at, to delete and to try again. */
export function mountDeadLetters(api: Hono, broker: Broker) {
  const { deadLetters } = broker;
  api.get("/v2/dlq", (c) => {
    const { items, cursor } = deadLetters.select(new URL(c.req.url).searchParams);
    return c.json({ cursor, messages: items.map(viewDeadLetter) });
  });
  api.delete("/v2/dlq", (c) => {
    const { items, cursor } = deadLetters.select(new URL(c.req.url).searchParams);
    for (const { id } of items) deadLetters.delete(id);
    return c.json({ cursor, deleted: items.length });
  });
  api.get("/v2/dlq/:id", (c) => c.json(viewDeadLetter(deadLetters.get(c.req.param("id")))));
  api.delete("/v2/dlq/:id", (c) => {
    deadLetters.delete(deadLetters.get(c.req.param("id")).id);
    return c.body(null, 200);
  });
  api.post("/v2/dlq/retry", (c) => {
    const query = new URL(c.req.url).searchParams;
    // An id that is not there fails the call before anything is done.
    for (const id of idsOf(query)) deadLetters.get(id);
    const { items, cursor } = deadLetters.select(query);
    const responses = items.flatMap(({ id }) => retryDeadLetter(broker, id, c.req.raw.headers));
    return c.json({ cursor: cursor ?? "", responses }, 201);
  });
  api.post("/v2/dlq/retry/:id", (c) => {
    const [response] = retryDeadLetter(broker, c.req.param("id"), c.req.raw.headers);
    return c.json(response, 201);
  });
}

/**
 * Publishes a dead letter's message anew and takes it out of the DLQ. `overrides` may change its options,
 * such as `Upstash-Retries`. Throws a 404 for an id that is not there.
 */
export function retryDeadLetter(
  broker: Broker,
  id: string,
  overrides = new Headers(),
): Array<{ messageId: string }> {
  const { message } = broker.deadLetters.get(id);
  const headers = new Headers(message.request.headers);
  for (const name of notRepeated) headers.delete(name);
  for (const [name, value] of overrides) {
    if (name.startsWith("upstash-")) headers.set(name, value);
  }
  const { parent: _over, ...request } = message.request;
  const published = publish(broker, { ...request, destination: message.url, headers });
  broker.deadLetters.delete(id);
  return messageIdsOf(published).map((messageId) => ({ messageId }));
}

function idsOf(query: URLSearchParams): string[] {
  return [...valuesOf(query, "dlqIds")].filter((id) => !id.includes(","));
}
