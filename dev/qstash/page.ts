import type { Context, Hono } from "hono";
import { retryDeadLetter } from "./api_dead_letters.ts";
import type { Broker } from "./broker.ts";
import { renderPage } from "./page_view.ts";
import { Refusal } from "./refusal.ts";
import { fireSchedule } from "./schedules.ts";

const contentSecurityPolicy =
  "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'";

/** The page for people at `/`, and what its buttons do. Open to this machine without a token. */
export function mountPage(api: Hono, broker: Broker) {
  api.get("/", (c) => {
    requireOwnPage(c);
    c.header("Content-Security-Policy", contentSecurityPolicy);
    return c.html(renderPage(broker));
  });
  api.post("/dev/schedules/:id/fire", (c) => {
    requireOwnPage(c);
    const messageIds = fireSchedule(broker, c.req.param("id"));
    return answerButton(c, { messageIds });
  });
  api.post("/dev/dead-letters/:id/retry", (c) => {
    requireOwnPage(c);
    const [response] = retryDeadLetter(broker, c.req.param("id"));
    return answerButton(c, { messageId: response?.messageId });
  });
}

/** A browser goes back to the page, a program gets JSON. */
function answerButton(c: Context, answer: Record<string, unknown>): Response {
  const isBrowser = c.req.header("accept")?.includes("text/html") ?? false;
  return isBrowser ? c.redirect("/", 303) : c.json(answer);
}

/** Other sites may neither press the buttons nor, under a name that points here, read the page. */
function requireOwnPage(c: Context) {
  const { host, origin = `http://${host}` } = c.req.header();
  const isLocal = /^(127\.0\.0\.1|localhost)(:\d+)?$/.test(host ?? "");
  if (!isLocal || origin !== `http://${host}`) throw new Refusal(401, "open this page locally");
}
