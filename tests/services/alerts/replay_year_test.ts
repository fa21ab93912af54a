import assert from "node:assert/strict";
import { createDemoMarket } from "../../../services/market_data/providers/demo/market.ts";
import { tradingHours, utcDay } from "../../../lib/calendar.ts";
import { withAlerts } from "./alert_world.ts";

const symbol = "MSFT";
const secondMs = 1_000;

interface Wish {
  direction: "above" | "below";
  level: string;
  repeat: { mode: "once" } | { mode: "rearm" } | { mode: "cooldown"; seconds: number };
}

/** The last second of each session of a year from a moment on. */
function closes(fromMs: number): number[] {
  const first = utcDay(fromMs) + 1;
  const hours = Array.from({ length: 366 }, (_, at) => tradingHours(first + at));
  return hours.flatMap((day) => day ? [day.closeMs - secondMs] : []);
}

/** Levels within the year's range, in both directions and with every way to repeat. */
function wishes(prices: number[]): Wish[] {
  const low = Math.min(...prices);
  const high = Math.max(...prices);
  const levels = [0.2, 0.5, 0.8].map((share) => (low + share * (high - low)).toFixed(2));
  const repeats: Wish["repeat"][] = [
    { mode: "once" },
    { mode: "rearm" },
    { mode: "cooldown", seconds: 9.5 * 86_400 },
  ];
  return levels.flatMap((level) =>
    repeats.flatMap((repeat) =>
      (["above", "below"] as const).map((direction) => ({ direction, level, repeat }))
    )
  );
}

/** Which of the closes fire, from the whole series at once: the first is where the alert starts. */
function byBruteForce(wish: Wish, prices: number[], atMs: number[]): number[] {
  const level = Number(wish.level);
  const reached = prices.map((price) =>
    wish.direction === "above" ? price >= level : price <= level
  );
  const fired: number[] = [];
  for (let at = 1; at < prices.length; at++) {
    if (!reached[at] || reached[at - 1]) continue;
    const lastMs = atMs[fired.at(-1) ?? -1];
    if (wish.repeat.mode === "once" && fired.length > 0) continue;
    if (wish.repeat.mode === "cooldown" && lastMs !== undefined) {
      if ((atMs[at] ?? 0) - lastMs < wish.repeat.seconds * secondMs) continue;
    }
    fired.push(at);
  }
  return fired;
}

Deno.test("over a year of daily closes the sweep fires exactly what brute force finds", async () => {
  await withAlerts(async ({ app, clock, create, sweep }) => {
    const atMs = closes(clock.now());
    const listing = createDemoMarket().get(symbol);
    const prices = atMs.map((ms) => Number(listing?.quoteAt(ms)?.price));
    assert.ok(prices.length > 245 && prices.every((price) => price > 0));
    const wanted = wishes(prices);
    const ids: string[] = [];
    for (const wish of wanted) {
      ids.push((await create({ symbol, channels: ["in_app"], ...wish })).id);
    }
    // All of them start from the first close.
    clock.moveTo(atMs[0] ?? 0);
    for (const [at, { level, direction }] of wanted.entries()) {
      const price = prices[0] ?? 0;
      const side = price === Number(level) ? direction : price > Number(level) ? "above" : "below";
      await app.inspect.sql`
        update alerts set side = ${side}, seen_at = null where id = ${ids[at] ?? ""}`;
    }
    for (const ms of atMs.slice(1)) {
      clock.moveTo(ms);
      await sweep();
    }
    const events = await app.inspect.sql<{ alert_id: string; as_of: Date }[]>`
      select alert_id, as_of from alert_events order by as_of`;
    const fired = ids.map((id) =>
      events.filter((event) => event.alert_id === id).map(({ as_of }) =>
        atMs.indexOf(as_of.getTime())
      )
    );
    const expected = wanted.map((wish) => byBruteForce(wish, prices, atMs));
    assert.deepEqual(fired, expected);
    assert.ok(expected.flat().length > 20, "a year in which hardly anything fires proves nothing");
    const [row] = await app.inspect.sql<{ items: number }[]>`
      select count(*)::int as items from notifications where type = 'market_alert'`;
    assert.equal(row?.items, events.length);
  }, { MARKET_PROVIDERS: "demo" });
});
