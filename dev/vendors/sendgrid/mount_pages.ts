import type { Context, Hono } from "hono";
import { z } from "zod";
import { eventOf, isEventKind } from "./events.ts";
import type { Outbox } from "./outbox.ts";
import { renderMail, renderOutbox } from "./pages.ts";
import type { Webhook } from "./webhook.ts";

interface PageOptions {
  outbox: Outbox;
  webhook: Webhook;
}

const webhookSchema = z.object({ url: z.url() });

/** The outbox for people, and the same for programs below /dev. */
export function mountPages(app: Hono, { outbox, webhook }: PageOptions) {
  app.get("/", (c) => c.html(renderOutbox(outbox.all().toReversed())));
  app.get("/mails/:id", (c) => {
    const mail = outbox.find(c.req.param("id"));
    return mail ? c.html(renderMail(mail, webhook.url)) : c.text("No such mail.", 404);
  });
  app.post("/mails/:id/events", (c) => happen(c, { outbox, webhook }));
  app.get("/dev/mails", (c) => {
    const to = c.req.query("to")?.toLowerCase();
    const isFor = (email: string) => to === undefined || email.toLowerCase() === to;
    const mails = outbox.all().filter((mail) => mail.to.some(({ email }) => isFor(email)));
    return c.json(mails.toReversed());
  });
  app.post("/dev/webhook", async (c) => {
    const wanted = webhookSchema.safeParse(await c.req.json().catch(() => undefined));
    if (!wanted.success) return c.json({ error: z.prettifyError(wanted.error) }, 422);
    const { url } = wanted.data;
    webhook.url = url;
    return c.json({ url });
  });
}

/** A button was pressed: the signed receipt goes out before the page is shown again. A program gets JSON. */
async function happen(c: Context, { outbox, webhook }: PageOptions): Promise<Response> {
  const mail = outbox.find(c.req.param("id") ?? "");
  if (!mail) return c.text("No such mail.", 404);
  const kind = await readKind(c);
  if (!isEventKind(kind)) return c.text("No such event.", 422);
  const answer = webhook.url
    ? await webhook.send(webhook.url, [eventOf(mail, kind)])
    : { error: "no webhook is set" };
  mail.receipts.push({ kind, atMs: Date.now(), answer: String(answer.status ?? answer.error) });
  const isBrowser = c.req.header("accept")?.includes("text/html") ?? false;
  return isBrowser ? c.redirect(`/mails/${encodeURIComponent(mail.id)}`, 303) : c.json(answer);
}

async function readKind(c: Context): Promise<unknown> {
  const isJson = c.req.header("content-type")?.startsWith("application/json") ?? false;
  const body = await (isJson ? c.req.json() : c.req.parseBody()).catch(() => undefined);
  return body?.event;
}
