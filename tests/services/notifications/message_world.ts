import type { OutboxMail } from "../../../dev/vendors/sendgrid.ts";
import type { Deps } from "../../../deps.ts";
import { asSystem, type Ctx, inTransaction } from "../../../services/ctx.ts";
import {
  dispatchNotifications,
  requestNotification,
  type Wanted,
} from "../../../services/notifications/mod.ts";
import { type SignedUp, type TestApp, withApp } from "../../support/app.ts";
import { createMovableClock, type MovableClock } from "../../support/clock.ts";

export interface Message {
  id: string;
  request_id: string;
  channel: string;
  status: string;
  attempts: number;
  next_attempt_at: Date;
  provider: string | null;
  provider_message_id: string | null;
}

/** The real app with one person in it, whom a test asks to be told things. */
export interface MessageWorld {
  app: TestApp;
  clock: MovableClock;
  person: SignedUp;
  /** The product acting for itself; its wake-up calls stay in the outbox, so that the test says who sends and when. */
  system(deps?: Deps): Ctx;
  /** Asks for a message as a job does: by default an alert by mail. */
  ask(wanted?: Partial<Wanted>): Promise<string>;
  /** Sends what is due. */
  dispatch(deps?: Deps, signal?: AbortSignal): Promise<number>;
  /** The message of a request over a channel. */
  message(requestId: string, channel?: string): Promise<Message>;
  /** Its steps, `queued: email is on for market_alert`. */
  trace(requestId: string, channel?: string): Promise<string[]>;
  /** What the mail vendor has got since the beginning of the test. */
  mails(): OutboxMail[];
}

/** What a message of each type says, where it does not matter. */
export const alertData = {
  symbol: "AAPL",
  direction: "above",
  level: "200.00",
  price: "203.10",
  currency: "USD",
  asOf: "2026-01-30T15:31:02.000Z",
  source: "demo",
  synthetic: true,
  note: "",
  alertId: "0190d7a4-8f00-7000-8000-000000000001",
};

/** Runs `work` in a world of its own. What it left in the outbox is published at the end, and must find nothing to do. */
export async function withMessages(work: (world: MessageWorld) => Promise<void>): Promise<void> {
  const clock = createMovableClock();
  await withApp(async (app) => {
    const person = await app.signUp("ada");
    await app.settle();
    const before = app.standIns.sendgrid.messages().length;
    await work(worldOf(app, clock, person, before));
    app.deps.context("test", nowhere).queue.nudge();
  }, { world: { now: clock.now } });
}

const nowhere = { address: "", userAgent: "" };

function worldOf(
  app: TestApp,
  clock: MovableClock,
  person: SignedUp,
  before: number,
): MessageWorld {
  const system = (deps = app.deps) => {
    const ctx = asSystem(deps.context("test", nowhere), "test");
    return { ...ctx, queue: { ...ctx.queue, nudge: () => {} } };
  };
  const message = async (requestId: string, channel = "email") => {
    const [row] = await app.inspect.sql<Message[]>`
      select * from notifications where request_id = ${requestId} and channel = ${channel}`;
    if (!row) throw new Error(`no ${channel} message of ${requestId}`);
    return row;
  };
  return {
    app,
    clock,
    person,
    system,
    message,
    ask: (wanted) =>
      inTransaction(system(), (tx) =>
        requestNotification(tx, {
          userId: person.userId,
          type: "market_alert",
          data: alertData,
          channels: ["email"],
          ...wanted,
        })),
    dispatch(deps, signal) {
      const ctx = system(deps);
      return dispatchNotifications(signal ? { ...ctx, signal } : ctx);
    },
    async trace(requestId, channel) {
      const { id } = await message(requestId, channel);
      const rows = await app.inspect.sql<{ status: string; reason: string; moved: boolean }[]>`
        select status, reason, moved from notification_events where notification_id = ${id} order by id`;
      return rows.map(({ status, reason, moved }) =>
        `${status}: ${reason}${moved ? "" : " (moved nothing)"}`
      );
    },
    mails: () => app.standIns.sendgrid.messages().slice(before),
  };
}
