import assert from "node:assert/strict";
import fc from "fast-check";
import { judge, type Side, sideOf, type Watched } from "../../../../services/alerts/model/mod.ts";

type Repeat = Watched["repeat"];

interface Case {
  what: string;
  direction: Side;
  level: string;
  repeat?: Repeat;
  /** The first is where it starts; each later one is judged, a minute after the one before. */
  prices: string;
  /** The prices that fire, by their place. */
  fires: number[];
}

const cases: Case[] = [
  {
    what: "crosses, and stays",
    direction: "above",
    level: "200",
    prices: "199 200.5 201 202",
    fires: [1],
  },
  {
    what: "falls through",
    direction: "below",
    level: "200",
    prices: "201 199 198",
    fires: [1],
  },
  {
    what: "a gap over the level",
    direction: "above",
    level: "200",
    prices: "150 320",
    fires: [1],
  },
  {
    what: "exactly on the level is reached",
    direction: "above",
    level: "200.00",
    prices: "199.99 200",
    fires: [1],
  },
  {
    what: "exactly on the level is reached from above as well",
    direction: "below",
    level: "200",
    prices: "200.01 200.00",
    fires: [1],
  },
  {
    what: "starts on the level: there is nothing to cross",
    direction: "above",
    level: "200",
    prices: "200 201 202",
    fires: [],
  },
  {
    what: "starts past the level",
    direction: "above",
    level: "200",
    prices: "205 206 199 201",
    fires: [3],
  },
  {
    what: "the other way",
    direction: "above",
    level: "200",
    prices: "201 199 198",
    fires: [],
  },
  {
    what: "touches from below and turns",
    direction: "above",
    level: "200",
    prices: "199 199.99 199",
    fires: [],
  },
  {
    what: "once is once",
    direction: "above",
    level: "200",
    prices: "199 201 199 201 199 201",
    fires: [1],
  },
  {
    what: "again after it has been false",
    direction: "above",
    level: "200",
    repeat: { mode: "rearm" },
    prices: "199 201 202 199 201 199 200",
    fires: [1, 4, 6],
  },
  {
    what: "flapping around the level fires at each crossing where that is asked for",
    direction: "above",
    level: "200",
    repeat: { mode: "rearm" },
    prices: "199 201 199 201 199 201",
    fires: [1, 3, 5],
  },
  {
    what: "flapping within the rest is one firing",
    direction: "above",
    level: "200",
    repeat: { mode: "cooldown", seconds: 300 },
    prices: "199 201 199 201 199 201",
    fires: [1],
  },
  {
    what: "a crossing when the rest is over",
    direction: "above",
    level: "200",
    repeat: { mode: "cooldown", seconds: 120 },
    prices: "199 201 199 201",
    fires: [1, 3],
  },
  {
    what: "one that stays past the level fires no more when the rest is over",
    direction: "above",
    level: "200",
    repeat: { mode: "cooldown", seconds: 60 },
    prices: "199 201 202 203 204",
    fires: [1],
  },
  {
    what: "a crossing within the rest is not made up for afterwards",
    direction: "above",
    level: "200",
    repeat: { mode: "cooldown", seconds: 180 },
    prices: "199 201 199 201 202 203 199 201",
    fires: [1, 7],
  },
  {
    what: "many digits",
    direction: "above",
    level: "0.00000123",
    prices: "0.00000122 0.000001230000",
    fires: [1],
  },
  {
    what: "beyond what a float can tell apart",
    direction: "above",
    level: "9007199254740993.1",
    prices: "9007199254740993.0 9007199254740993.2",
    fires: [1],
  },
];

const minuteMs = 60_000;

/** Judges each price a minute after the one before, as sweeps do, and answers the places of those that fire. */
function replay(direction: Side, level: string, repeat: Repeat, prices: string[]): number[] {
  const [first = "1"] = prices;
  const watched: Watched = {
    direction,
    level,
    repeat,
    side: sideOf(first, level, direction),
    armed: true,
    lastFiredAtMs: null,
  };
  const fired: number[] = [];
  let enabled = true;
  for (const [at, price] of prices.entries()) {
    if (at === 0 || !enabled) continue;
    const { fires, side, armed } = judge(watched, price, at * minuteMs);
    Object.assign(watched, { side, armed });
    if (!fires) continue;
    fired.push(at);
    watched.lastFiredAtMs = at * minuteMs;
    enabled = repeat.mode !== "once";
  }
  return fired;
}

Deno.test("judge() fires on the crossing and on nothing else", () => {
  const once: Repeat = { mode: "once" };
  for (const { what, direction, level, repeat = once, prices, fires } of cases) {
    assert.deepEqual(replay(direction, level, repeat, prices.split(" ")), fires, what);
  }
});

/** The same by the definition, in whole numbers and from the whole series at once. */
function byDefinition(direction: Side, level: number, repeat: Repeat, prices: number[]): number[] {
  const reached = (price: number) => direction === "above" ? price >= level : price <= level;
  const crossings = prices.flatMap((price, at) => {
    const before = prices[at - 1];
    return before !== undefined && reached(price) && !reached(before) ? [at] : [];
  });
  if (repeat.mode === "rearm") return crossings;
  if (repeat.mode === "once") return crossings.slice(0, 1);
  const fired: number[] = [];
  for (const at of crossings) {
    const last = fired.at(-1);
    if (last === undefined || (at - last) * 60 >= (repeat.seconds ?? 0)) fired.push(at);
  }
  return fired;
}

Deno.test("over any series of prices judge() finds what the definition finds", () => {
  const repeat = fc.oneof(
    fc.constant<Repeat>({ mode: "once" }),
    fc.constant<Repeat>({ mode: "rearm" }),
    fc.integer({ min: 1, max: 6 }).map((n): Repeat => ({ mode: "cooldown", seconds: 60 * n })),
  );
  fc.assert(
    fc.property(
      fc.constantFrom<Side>("above", "below"),
      fc.integer({ min: 95, max: 105 }),
      repeat,
      fc.array(fc.integer({ min: 93, max: 107 }), { minLength: 2, maxLength: 40 }),
      (direction, level, mode, prices) => {
        assert.deepEqual(
          replay(direction, String(level), mode, prices.map(String)),
          byDefinition(direction, level, mode, prices),
        );
      },
    ),
    { numRuns: 2_000 },
  );
});
