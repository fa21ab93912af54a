import type { Deps } from "../../../deps.ts";
import { judgeAlerts } from "../../../services/alerts/mod.ts";
import { asSystem, type Ctx } from "../../../services/ctx.ts";
import { type SignedUp, type TestApp, withApp } from "../../support/app.ts";
import { createMovableClock, type MovableClock } from "../../support/clock.ts";

export interface AlertView {
  id: string;
  version: number;
  symbol: string;
  level: string;
  repeat: { mode: string; seconds?: number };
  enabled: boolean;
  armed: boolean;
  firedCount: number;
  lastFiredAt: string | null;
  expiresAt: string | null;
  note: string;
}

/** The real app with one person in it, and a market whose prices a test sets. */
export interface AlertWorld {
  app: TestApp;
  clock: MovableClock;
  person: SignedUp;
  /** Sets what a symbol costs from now on, a second after the last time anybody could have looked. */
  price(symbol: string, price: number): void;
  /** Sets an alert; by default one on COIN-USD going above 200. */
  create(settings?: Record<string, unknown>, person?: SignedUp): Promise<AlertView>;
  /** The product acting for itself; its wake-up calls stay in the outbox. */
  system(deps?: Deps): Ctx;
  /** One sweep; answers how many alerts fired. */
  sweep(deps?: Deps): Promise<number>;
  /** Publishes what waits in the outbox, and waits until all of it is done. */
  settle(): Promise<void>;
  /** Asks the API as the person. */
  get<T = AlertView>(path: string): Promise<T>;
  /** How often the person was told: events in the history, messages, items in the inbox. */
  told(): Promise<{ events: number; mails: number; items: number }>;
}

export const coin = "COIN-USD";
const nowhere = { address: "", userAgent: "" };

/** Runs `work` in a world of its own, at the given prices. */
export async function withAlerts(
  work: (world: AlertWorld) => Promise<void>,
  env: Record<string, string> = {},
): Promise<void> {
  const clock = createMovableClock();
  await withApp(async (app) => {
    const person = await app.signUp("ada");
    await app.settle();
    app.standIns.yahoo.setPrice(coin, 190);
    await work(worldOf(app, clock, person));
    app.standIns.yahoo.setFault(null);
    app.deps.context("test", nowhere).queue.nudge();
  }, { world: { now: clock.now }, env });
}

function worldOf(app: TestApp, clock: MovableClock, person: SignedUp): AlertWorld {
  const system = (deps = app.deps) => {
    const ctx = asSystem(deps.context("test", nowhere), "test");
    return { ...ctx, queue: { ...ctx.queue, nudge: () => {} } };
  };
  const read = async <T>(response: Response, status: number): Promise<T> => {
    const body = await response.json();
    if (response.status !== status) throw new Error(`${response.status} ${JSON.stringify(body)}`);
    return body;
  };
  return {
    app,
    clock,
    person,
    system,
    price(symbol, price) {
      app.standIns.yahoo.setPrice(symbol, price);
      clock.advance(1_100);
    },
    async create(settings = {}, { token } = person) {
      const json = { kind: "price", symbol: coin, direction: "above", level: "200", ...settings };
      return await read(await app.request("/v1/alerts", { method: "POST", token, json }), 201);
    },
    async settle() {
      app.deps.context("test", nowhere).queue.nudge();
      await app.settle();
    },
    sweep: async (deps) => (await judgeAlerts(system(deps))).fired,
    get: async (path) => await read(await app.request(path, { token: person.token }), 200),
    async told() {
      const [row] = await app.inspect.sql<{ events: number; mails: number; items: number }[]>`
        select (select count(*)::int from alert_events) as events,
               count(*) filter (where channel = 'email')::int as mails,
               count(*) filter (where channel = 'in_app')::int as items
        from notifications where type = 'market_alert'`;
      if (!row) throw new Error("no counts");
      return row;
    },
  };
}
