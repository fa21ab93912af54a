import type { Context, Hono } from "hono";
import { minuteMs } from "../../lib/time.ts";
import type { Broker } from "./broker.ts";
import { type FaultSubject, subjectOfRequest } from "./fault_subjects.ts";
import type { LoseAnswerFault } from "./faults.ts";
import { limitHeaders } from "./quota.ts";
import { readBatch, readPublish, requestOfItem } from "./requests.ts";

/** Stands before publish, enqueue and batch: refuses calls, and keeps their answers back. */
export function mountPublishingFaults(api: Hono, broker: Broker) {
  const { faults } = broker;
  for (const path of ["/v2/publish/*", "/v2/enqueue/*", "/v2/batch"]) {
    api.post(path, async (c, next) => {
      if (!faults.has("refuse") && !faults.has("loseAnswer")) return await next();
      const subjects = await subjectsOf(c);
      const call = c.req.raw;
      const refused = faults.strike("refuse", call, subjects);
      if (refused !== undefined) return refuse(broker, refused.status ?? 503);
      await next();
      const lost = c.res.ok ? faults.strike("loseAnswer", call, subjects) : undefined;
      if (lost !== undefined) await cut(c, broker, lost);
    });
  }
}

/** What cannot be read is named by nothing; the call itself says what is wrong with it. */
async function subjectsOf(c: Context): Promise<FaultSubject[]> {
  try {
    if (c.req.path !== "/v2/batch") return [subjectOfRequest(await readPublish(c))];
    return (await readBatch(c)).map((item) => subjectOfRequest(requestOfItem(item)));
  } catch {
    return [];
  }
}

/** 429 carries the headers by which the SDK knows the daily limit. */
function refuse(broker: Broker, status: number): Response {
  const headers = status === 429 ? limitHeaders("", 1_000, broker.now() + minuteMs) : undefined;
  return Response.json({ error: `refused by a fault: ${status}` }, { status, headers });
}

/**
 * Before the answer: the server at hand has no way to drop a connection unanswered, so the client is led to an address
 * that does; whoever follows redirects, as fetch does, sees only that. Within: less comes than was announced.
 */
async function cut(c: Context, broker: Broker, { cut = "before" }: LoseAnswerFault) {
  const whole = c.res;
  c.res = undefined;
  if (cut === "before") {
    c.res = new Response(null, { status: 307, headers: { location: broker.hangUp.url() } });
    return;
  }
  const bytes = new Uint8Array(await whole.arrayBuffer());
  const headers = new Headers(whole.headers);
  headers.set("content-length", String(bytes.length));
  const half = bytes.slice(0, Math.floor(bytes.length / 2));
  c.res = new Response(ReadableStream.from([half]), { status: whole.status, headers });
}
