import type { Context, Hono } from "hono";
import type { Broker } from "./broker.ts";
import { subjectOfRequest } from "./fault_subjects.ts";
import { filterSets, readFilter, readWholeNumber, valuesOf } from "./filters.ts";
import type { Message, PublishRequest } from "./message.ts";
import { publish } from "./publish.ts";
import { Refusal } from "./refusal.ts";
import { type BatchItem, readBatch, readPublish, requestOfItem } from "./requests.ts";
import { saveSchedule } from "./schedules.ts";
import { cancel } from "./settle.ts";
import { viewEvent, viewMessage } from "./views.ts";

/** How many messages one call cancels at most, where it says how many. */
const cancelledAtOnceMax = 500;

/** Publishing, looking at messages, cancelling them, and the log of events. */
export function mountMessages(api: Hono, broker: Broker) {
  for (const path of ["/v2/publish/*", "/v2/enqueue/:queue/*"]) {
    api.post(path, async (c) => answerPublish(c, broker, await readPublish(c)));
  }
  api.post("/v2/batch", async (c) => {
    const items = await readBatch(c);
    if (items.length > 0) broker.quota.requireMessages(1);
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

/** A publish with a cron expression is a schedule. */
function answerPublish(c: Context, broker: Broker, request: PublishRequest) {
  if (request.headers.has("upstash-cron")) {
    return c.json({ scheduleId: saveSchedule(broker, request).id }, 201);
  }
  const published = publish(broker, request);
  const isDuplicate = !Array.isArray(published) && published.deduplicated === true;
  return c.json(published, isDuplicate ? 202 : 201);
}

/** One item that is refused does not keep the others back. */
function publishItem(broker: Broker, item: BatchItem) {
  try {
    const request = requestOfItem(item);
    const refused = broker.faults.strike("refuseEntry", item, [subjectOfRequest(request)]);
    if (refused !== undefined) return { error: refused.error ?? "refused by a fault" };
    return publish(broker, request);
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
  const count = readWholeNumber(query, "count", 1, cancelledAtOnceMax) ?? Infinity;
  const cancellable = broker.messages.live().filter(({ cancelRequested }) => !cancelRequested);
  const ids = valuesOf(query, "messageIds");
  if (ids.size > 0) return cancellable.filter(({ id }) => ids.has(id));
  return cancellable
    .filter((message) => matches({ message, timeMs: message.createdMs }))
    .slice(0, count);
}
