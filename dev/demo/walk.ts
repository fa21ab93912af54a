import { demoPassword, demoPeople } from "../seed/people.ts";
import type { Running } from "../running.ts";
import { createPhone, type Phone } from "./client.ts";
import { watchPlan } from "./plan.ts";
import { type LiveSocket, openLiveSocket } from "./socket.ts";
import { insist, type Steps, waitFor } from "./steps.ts";

/** One person's day with the product: as their phone sees it, and as the vendors do. */
export async function walk(running: Running, steps: Steps): Promise<void> {
  const phone = createPhone(running.appUrl);
  const { client } = demoPeople;
  await steps.step("sign in", async () => {
    const user = await phone.signIn(client.email, demoPassword);
    return [user, user.name];
  });
  await firstScreen(phone, steps);
  await quotes(phone, steps);
  await preferences(phone, steps);
  const socket = await steps.step("open the live stream", async () => {
    const opened = await openLiveSocket(running.appUrl, phone.token());
    opened.subscribe(["inbox"]);
    return [opened, "signed in by the first message, listening to inbox"];
  });
  try {
    await watchPlan(phone, steps, socket);
    await alert(running, phone, steps, socket);
  } finally {
    await socket.close();
  }
}

async function firstScreen(phone: Phone, steps: Steps) {
  await steps.step("first screen", async () => {
    const { body } = await phone.call<Home>("GET", "/v1/home");
    const { watchlists, plans, inbox, alerts } = body;
    const prices = watchlists.items.flatMap(({ quotes }) => quotes);
    // What cannot be priced in time is null and no failure; that there is nothing to price would be one.
    insist(prices.length > 0, "the demo person watches symbols");
    const priced = prices.filter(({ quote }) => quote !== null).length;
    const counts = `${priced} prices, ${plans.items.length} plans, ${alerts.active} alerts`;
    return [body, `${counts}, ${inbox.unread} unread`];
  });
}

interface Home {
  watchlists: { items: { quotes: { quote: Quote | null }[] }[] };
  plans: { items: unknown[] };
  inbox: { unread: number };
  alerts: { active: number };
}

async function quotes(phone: Phone, steps: Steps) {
  const etag = await steps.step("quote of SPY", async () => {
    const { body, etag } = await phone.call<Quote>("GET", "/v1/quotes/SPY");
    return [
      etag,
      `${body.price} ${body.currency} from ${body.source}${body.synthetic ? ", synthetic" : ""}`,
    ];
  });
  await steps.step("the same again, not modified", async () => {
    const headers = { "if-none-match": etag ?? "" };
    const { status } = await phone.call("GET", "/v1/quotes/SPY", { headers, expect: 304 });
    return [status, "304, no body"];
  });
  await steps.step("daily bars of SPY", async () => {
    const { body } = await phone.call<{ items: { close: string }[] }>(
      "GET",
      "/v1/bars/SPY?interval=1d&from=2025-01-01&to=2025-03-31&adjust=all",
    );
    insist(body.items.length > 55, `a quarter has about 60 trading days, not ${body.items.length}`);
    return [body, `${body.items.length} days, last close ${body.items.at(-1)?.close}`];
  });
}

interface Quote {
  price: string;
  currency: string;
  source: string;
  synthetic: boolean;
}

async function preferences(phone: Phone, steps: Steps) {
  const path = "/v1/preferences";
  const etag = await steps.step("preferences", async () => {
    const { body, etag } = await phone.call<{ version: number }>("GET", path);
    return [etag ?? "", `version ${body.version}`];
  });
  await steps.step("set quiet hours", async () => {
    const quietHours = {
      start: "23:00",
      end: "06:30",
      timeZone: "America/New_York",
      days: ["sat", "sun"],
    };
    const { body } = await phone.call<{ version: number }>("PATCH", path, {
      json: { quietHours, channels: { email: { market_alert: true } } },
      headers: { "if-match": etag },
    });
    return [body, `version ${body.version}`];
  });
  await steps.step("a change of an old version", async () => {
    await phone.call("PATCH", path, {
      json: { locale: "en-GB" },
      headers: { "if-match": etag },
      expect: 412,
    });
    return [undefined, "412, refused"];
  });
  await steps.step("no quiet hours after all", async () => {
    const present = await phone.call("GET", path);
    const { body } = await phone.call<{ version: number }>("PATCH", path, {
      json: { quietHours: null },
      headers: { "if-match": present.etag ?? "" },
    });
    return [body, `version ${body.version}`];
  });
}

async function alert(running: Running, phone: Phone, steps: Steps, socket: LiveSocket) {
  // A symbol of this walk alone, traded round the clock, so that no earlier walk has left a price behind.
  const symbol = `D${Date.now().toString(36).toUpperCase()}-USD`.slice(0, 16);
  const setPrice = (price: number) => post(`${running.yahooUrl}/dev/price`, { symbol, price });
  await setPrice(0.3);
  const alertId = await steps.step("set an alert", async () => {
    const { body } = await phone.call<{ id: string }>("POST", "/v1/alerts", {
      json: {
        kind: "price",
        symbol,
        direction: "above",
        level: "0.50",
        channels: ["email", "in_app"],
      },
    });
    return [body.id, `tell me when ${symbol} goes above 0.50, it is at 0.30`];
  });
  await steps.step("the price crosses", async () => {
    await setPrice(0.6);
    return [undefined, "0.60 at the vendor"];
  });
  await steps.step("tick", async () => {
    await fireTick(running);
    return [undefined, "QStash called /jobs/tick, signed"];
  });
  await steps.step("the alert fires, once", async () => {
    const events = await firedEvents(phone, alertId);
    await fireTick(running);
    const again = await firedEvents(phone, alertId);
    insist(again.length === 1, `it fired ${again.length} times`);
    return [events, `at ${events[0]?.price}, from ${events[0]?.source}`];
  });
  const mail = await steps.step("the mail is in the outbox", async () => {
    const found = await findMail(running, symbol);
    return [found, `"${found.subject}", look: ${running.sendgridUrl}/mails/${found.id}`];
  });
  const notificationId = mail.customArguments.notificationId ?? "";
  await steps.step("the vendor reports the delivery", async () => {
    await press(running, mail.id, "delivered");
    const status = await reached(phone, notificationId, "delivered");
    return [status, "signed receipt taken, status delivered"];
  });
  await steps.step("a forged receipt", async () => {
    await phone.call("POST", "/webhooks/sendgrid", { json: [{ event: "bounce" }], expect: 401 });
    return [undefined, "401, nothing stored"];
  });
  await inbox(phone, steps, socket, symbol);
  await steps.step("why did I get this?", async () => {
    const { body } = await phone.call<Trace>("GET", `/v1/notifications/${notificationId}/trace`);
    const story = body.steps.map(({ status, reason }) => `${status} (${reason})`).join(" → ");
    return [body, story];
  });
}

async function inbox(phone: Phone, steps: Steps, socket: LiveSocket, symbol: string) {
  await steps.step("live in the app", async () => {
    const frame = await waitFor(
      "a live frame",
      () =>
        socket.frames.find(({ channel, data }) =>
          channel === "inbox" && String(data.title).includes(symbol)
        ),
    );
    return [frame, `"${frame.data.title}"`];
  });
  await steps.step("inbox", async () => {
    const { body } = await phone.call<{ items: { id: string; title: string }[] }>(
      "GET",
      "/v1/inbox?filter=unread",
    );
    const item = body.items.find(({ title }) => title.includes(symbol));
    insist(item !== undefined, "the alert is not in the inbox");
    await phone.call("POST", "/v1/inbox/read", { json: { ids: [item.id] } });
    const badge = await phone.call<{ unread: number }>("GET", "/v1/inbox/badge");
    insist(badge.body.unread === body.items.length - 1, "the badge did not go down");
    return [item, `${body.items.length} unread, ${badge.body.unread} after reading one`];
  });
}

interface Trace {
  steps: { status: string; reason: string }[];
}

interface Mail {
  id: string;
  subject: string;
  customArguments: Record<string, string>;
}

async function firedEvents(phone: Phone, alertId: string) {
  return await waitFor("the alert to fire", async () => {
    const { body } = await phone.call<{ items: { price: string; source: string }[] }>(
      "GET",
      `/v1/alerts/${alertId}/history`,
    );
    return body.items.length > 0 ? body.items : undefined;
  });
}

async function findMail({ sendgridUrl }: Running, symbol: string): Promise<Mail> {
  return await waitFor("the mail", async () => {
    const response = await fetch(`${sendgridUrl}/dev/mails`);
    const mails = await response.json() as Mail[];
    return mails.find(({ subject }) => subject.includes(symbol));
  });
}

/** Presses a button of the outbox page. */
async function press({ sendgridUrl }: Running, mailId: string, event: string) {
  const response = await fetch(`${sendgridUrl}/mails/${encodeURIComponent(mailId)}/events`, {
    method: "POST",
    body: new URLSearchParams({ event }),
    redirect: "manual",
  });
  await response.body?.cancel();
  insist(response.status < 400, `the outbox answered ${response.status}`);
}

async function reached(phone: Phone, id: string, status: string) {
  return await waitFor(`status ${status}`, async () => {
    const { body } = await phone.call<{ status: string }>("GET", `/v1/notifications/${id}`);
    return body.status === status ? status : undefined;
  });
}

async function fireTick({ qstash }: Running) {
  await post(`${qstash.url}/dev/schedules/almanac_tick/fire`, {}, {
    authorization: `Bearer ${qstash.token}`,
  });
}

async function post(url: string, json: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(url, {
    method: "POST",
    body: JSON.stringify(json),
    headers: { "content-type": "application/json", ...headers },
    redirect: "manual",
  });
  const text = await response.text();
  insist(response.status < 400, `${url} answered ${response.status}: ${text.slice(0, 200)}`);
}
