import type { Context, Hono } from "hono";
import { z } from "zod";
import { retryDeadLetter } from "./api_dead_letters.ts";
import type { Broker } from "./broker.ts";
import { faultKinds } from "./faults.ts";
import { exampleFaults, faultsShape, viewFaults } from "./fault_settings.ts";
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
  mountFaults(api, broker);
}

/** The faults as another process sees and sets them, and a switch on the page for each kind. */
function mountFaults(api: Hono, { faults }: Broker) {
  const view = () => ({ faults: viewFaults(faults.current()), hits: faults.hitCounts() });
  api.get("/dev/fault", (c) => {
    requireOwnPage(c);
    return c.json(view());
  });
  api.post("/dev/fault", async (c) => {
    requireOwnPage(c);
    const wanted = faultsShape.safeParse(await c.req.json().catch(() => undefined));
    if (!wanted.success) return c.json({ error: z.prettifyError(wanted.error) }, 422);
    faults.set(wanted.data ?? {});
    return c.json(view());
  });
  for (const kind of faultKinds) {
    api.post(`/dev/fault/${kind}`, (c) => {
      requireOwnPage(c);
      const { [kind]: earlier, ...others } = faults.current();
      faults.set(earlier === undefined ? { ...others, [kind]: exampleFaults[kind] } : others);
      return answerButton(c, view());
    });
  }
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
