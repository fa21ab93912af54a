import type { Context } from "hono";
import { Hono } from "hono";
import { mountDeadLetters } from "./api_dead_letters.ts";
import { mountMessages } from "./api_messages.ts";
import { mountQueues } from "./api_queues.ts";
import { mountSchedules } from "./api_schedules.ts";
import type { Broker } from "./broker.ts";
import { mountPage } from "./page.ts";
import { Refusal } from "./refusal.ts";

/** QStash's REST API, and the page for people at `/`. */
export function createApi(broker: Broker, token: string): Hono {
  const api = new Hono();
  api.onError((error, c) => answerError(broker, error, c));
  api.notFound((c) => c.json({ error: "not found" }, 404));
  api.use("/v2/*", async (c, next) => {
    if (c.req.header("authorization") !== `Bearer ${token}`) {
      throw new Refusal(401, "invalid token");
    }
    await next();
  });
  mountMessages(api, broker);
  mountDeadLetters(api, broker);
  mountSchedules(api, broker);
  mountQueues(api, broker);
  mountPage(api, broker);
  return api;
}

function answerError(broker: Broker, error: Error, c: Context): Response {
  if (error instanceof Refusal) return c.json({ error: error.message }, error.status);
  broker.report(`${c.req.method} ${c.req.path} failed: ${error.stack ?? error.message}`);
  return c.json({ error: "internal error" }, 500);
}
