import assert from "node:assert/strict";
import { type RunningYahoo, startYahoo } from "../../../dev/vendors/yahoo.ts";
import { pollUntil } from "../../support/poll.ts";
import { testWithShared } from "../../support/shared_data.ts";

/** A Saturday in New York. */
const nowMs = Date.parse("2026-10-03T15:00:00Z");

function test(guarantee: string, run: (yahoo: RunningYahoo) => Promise<void>) {
  Deno.test(guarantee, () => withYahoo(run));
}

async function withYahoo(run: (yahoo: RunningYahoo) => Promise<void>) {
  const yahoo = await startYahoo({ now: () => nowMs });
  try {
    await run(yahoo);
  } finally {
    await yahoo.stop();
  }
}

async function ask(yahoo: RunningYahoo, path: string) {
  const response = await fetch(`${yahoo.url}/v8/finance/chart/${path}`);
  return { status: response.status, body: await response.json() };
}

interface Recording {
  response: { bodyJson: { chart: { result: [object] } } };
}

testWithShared<Recording>(
  "the stand-in's answer has the fields and types of Yahoo's recorded one",
  "providers/yahoo/chart-AAPL-2020-01-01-to-2020-01-03.json",
  ({ response }) =>
    withYahoo(async (yahoo) => {
      const query = "AAPL?interval=1d&events=div,split&period1=1577836800&period2=1578009600";
      const { body } = await ask(yahoo, query);
      const [ours] = body.chart.result;
      const [theirs] = response.bodyJson.chart.result;
      const missing = [...typesOf(theirs)].filter((type) => !typesOf(ours).has(type));
      // Yahoo's own day changes and yearly extremes, which nothing of ours reads.
      assert.deepEqual(missing, [
        "meta.regularMarketChangePercent: number",
        "meta.fulldayPrice: number",
        "meta.fulldayChange: number",
        "meta.fulldayChangePercent: number",
        "meta.fiftyTwoWeekHigh: number",
        "meta.fiftyTwoWeekLow: number",
      ]);
    }),
);

/** Every leaf as `path: type`; the items of a list count as one. */
function typesOf(value: unknown, path: string[] = []): Set<string> {
  if (typeof value !== "object" || value === null) {
    return new Set([`${path.join(".")}: ${typeof value}`]);
  }
  const entries = Array.isArray(value)
    ? value.map((item) => ["*", item] as const)
    : Object.entries(value);
  return new Set(entries.flatMap(([name, inner]) => [...typesOf(inner, [...path, name])]));
}

test("what cannot be answered is refused in Yahoo's words", async (yahoo) => {
  const cases: [string, number, string, string][] = [
    ["NOPE", 404, "Not Found", "No data found, symbol may be delisted"],
    ["AAPL?interval=7m", 422, "Unprocessable Entity", "Invalid input - interval=7m"],
    ["AAPL?interval=constructor", 422, "Unprocessable Entity", "Invalid input - interval"],
    ["AAPL?range=1h", 422, "Unprocessable Entity", "Invalid input - range"],
    ["AAPL?period1=5&period2=4", 422, "Unprocessable Entity", "Invalid input - range"],
    ["AAPL?period1=0&period2=9", 400, "Bad Request", "Data doesn't exist for startDate = 0"],
    ["AAPL?interval=1m&period1=1700000000", 422, "Unprocessable Entity", "1m data not available"],
  ];
  for (const [path, status, code, description] of cases) {
    const answer = await ask(yahoo, path);
    const { error, result } = answer.body.chart;
    assert.deepEqual([answer.status, error.code, result], [status, code, null], path);
    assert.ok(error.description.startsWith(description), error.description);
  }
});

test("shares rest at the weekend and keep Friday's close; coins go on", async (yahoo) => {
  const meta = async (symbol: string) =>
    (await ask(yahoo, `${symbol}?range=1d`)).body.chart.result[0].meta;
  const share = await meta("AAPL");
  assert.equal(share.regularMarketTime, Date.parse("2026-10-02T20:00:00Z") / 1_000);
  assert.ok(share.currentTradingPeriod.regular.start > nowMs / 1_000, "the next one is Monday's");
  const coin = await meta("DOGE-USD");
  assert.equal(coin.regularMarketTime, nowMs / 1_000);
  const { start, end } = coin.currentTradingPeriod.regular;
  assert.deepEqual([start, end], [Date.parse("2026-10-03") / 1_000, start + 86_340]);
  const pound = await meta("VOD.L");
  assert.equal(pound.regularMarketTime, Date.parse("2026-10-02T15:30:00Z") / 1_000);
});

test("a price set over HTTP counts at once, for a new symbol too", async (yahoo) => {
  const set = (body: unknown) =>
    fetch(`${yahoo.url}/dev/price`, { method: "POST", body: JSON.stringify(body) });
  for (const symbol of ["AAPL", "TSLA"]) {
    const response = await set({ symbol, price: 123.45 });
    assert.deepEqual(await response.json(), { symbol, price: 123.45 });
    const { meta } = (await ask(yahoo, `${symbol}?range=1d`)).body.chart.result[0];
    assert.deepEqual([meta.regularMarketPrice, meta.regularMarketTime], [123.45, nowMs / 1_000]);
  }
  for (const wrong of [{ symbol: "AAPL", price: -1 }, { symbol: "AAPL" }, { price: 1 }, null]) {
    const response = await set(wrong);
    assert.equal(response.status, 422);
    await response.body?.cancel();
  }
});

test("prices are the same in every run", async (yahoo) => {
  const path = "NFLX?interval=5m&period1=1790600000&period2=1790700000&events=div,split";
  const other = await startYahoo({ now: () => nowMs });
  try {
    assert.deepEqual(await ask(yahoo, path), await ask(other, path));
  } finally {
    await other.stop();
  }
});

test("requests are kept in order, those that a fault hit too", async (yahoo) => {
  await ask(yahoo, "AAPL?range=1d");
  yahoo.setFault({ kind: "status", status: 429 });
  const limited = await fetch(`${yahoo.url}/v8/finance/chart/MSFT`);
  assert.equal(await limited.text(), "Too Many Requests\r\n");
  assert.deepEqual(yahoo.requests().map(({ symbol }) => symbol), ["AAPL", "MSFT"]);
});

test("an old price is three days old, and a hole is a row of nulls", async (yahoo) => {
  yahoo.setFault({ kind: "old" });
  const [{ meta }] = (await ask(yahoo, "DOGE-USD?range=1d")).body.chart.result;
  assert.equal(meta.regularMarketTime, nowMs / 1_000 - 3 * 86_400);
  yahoo.setFault({ kind: "holes" });
  const [{ indicators }] = (await ask(yahoo, "AAPL?range=5d")).body.chart.result;
  const [quote] = indicators.quote;
  assert.deepEqual([quote.open[0], quote.close[0], quote.volume[0]], [null, null, null]);
  assert.ok(quote.close[1] > 0);
});

test("stopping ends what a fault keeps waiting", async (yahoo) => {
  yahoo.setFault({ kind: "slow", delayMs: 60_000 });
  const waiting = fetch(`${yahoo.url}/v8/finance/chart/AAPL`).then(
    (response) => response.body?.cancel(),
    () => {},
  );
  await pollUntil("the request", () => yahoo.requests().length === 1);
  await yahoo.stop();
  await waiting;
});
