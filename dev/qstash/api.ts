import type { Context } from "hono";
import { Hono } from "hono";
import { limitCalls, requireToken, type Tokens } from "./access.ts";
import { mountDeadLetters } from "./api_dead_letters.ts";
import { mountFlowControl } from "./api_flow_control.ts";
import { mountMessages } from "./api_messages.ts";
import { mountQueues } from "./api_queues.ts";
import { mountSchedules } from "./api_schedules.ts";
import { mountUrlGroups } from "./api_url_groups.ts";
import type { Broker } from "./broker.ts";
import { mountPage } from "./page.ts";
import { mountPublishingFaults } from "./publishing_faults.ts";
import { Refusal } from "./refusal.ts";

/** QStash's REST API, and the page for people at `/`. */
export function createApi(broker: Broker, tokens: Tokens): Hono {
  const api = new Hono();
  api.onError((error, c) => answerError(broker, error, c));
  api.notFound((c) => c.json({ error: "not found" }, 404));
  api.use("/v2/*", requireToken(tokens));
  api.use("/v2/*", limitCalls(broker));
  mountPublishingFaults(api, broker);
  mountMessages(api, broker);
  mountDeadLetters(api, broker);
  mountSchedules(api, broker);
  mountQueues(api, broker);
  mountFlowControl(api, broker);
  mountUrlGroups(api, broker);
  mountKeys(api, broker);
  mountPage(api, broker);
  return api;
}

function mountKeys(api: Hono, { keys }: Broker) {
  const answer = (c: Context) => c.json({ current: keys.current, next: keys.next });
  api.get("/v2/keys", answer);
  api.post("/v2/keys/rotate", (c) => {
    keys.rotate();
    return answer(c);
  });
}

function answerError(broker: Broker, error: Error, c: Context): Response {
  if (error instanceof Refusal) {
    return c.json({ error: error.message }, error.status, error.headers);
  }
  broker.report(`${c.req.method} ${c.req.path} failed: ${error.stack ?? error.message}`);
  return c.json({ error: "internal error" }, 500);
}
