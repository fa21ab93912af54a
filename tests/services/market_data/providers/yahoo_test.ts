import assert from "node:assert/strict";
import { startYahoo } from "../../../../dev/vendors/yahoo.ts";
import type { Fetch } from "../../../../lib/http_client.ts";
import { dayMs } from "../../../../lib/time.ts";
import { ProviderFailure, type QuoteProvider } from "../../../../services/market_data/ports.ts";
import { create, settings } from "../../../../services/market_data/providers/yahoo/mod.ts";
import { refusingUrl } from "../../../support/raw_server.ts";
import { testWithShared } from "../../../support/shared_data.ts";

interface Recording {
  request: { url: string };
  response: { status: number; headers: Record<string, string>; bodyJson: Chart };
}

interface Chart {
  chart: { result: [ChartResult]; error: null };
}

interface ChartResult {
  meta: Record<string, unknown>;
  timestamp: number[];
  indicators: { quote: [Record<string, (number | null)[]>] };
  events?: object;
}

const { signal } = new AbortController();
const recordingPath = "providers/yahoo/chart-AAPL-2020-01-01-to-2020-01-03.json";
const recordedAtMs = Date.parse("2026-10-03T08:17:05Z");
const january = { from: Date.parse("2020-01-01"), to: Date.parse("2020-01-04"), signal };

/** A provider that gets this answer to whatever it asks. */
function providerFor(answer: () => Response, nowMs = recordedAtMs): QuoteProvider {
  return create(settings.parse({}), () => Promise.resolve(answer()), () => nowMs);
}

/** The recorded reply, as it was or with something changed. */
function replay({ response }: Recording, change: (result: ChartResult) => void = () => {}) {
  return () => {
    const body = structuredClone(response.bodyJson);
    change(body.chart.result[0]);
    return Response.json(body, { status: response.status, headers: response.headers });
  };
}

/** The recorded reply as if one day had been asked for, so that its previous close is yesterday's. */
const asOneDay = (result: ChartResult) => {
  Object.assign(result.meta, { range: "1d", chartPreviousClose: 330.32 });
};

async function failureOf(promise: Promise<unknown>) {
  const error = await promise.then(() => undefined, (error) => error);
  assert.ok(error instanceof ProviderFailure, `not a ProviderFailure: ${error}`);
  return error;
}

testWithShared<Recording>(
  "a recorded reply becomes exact bars",
  recordingPath,
  async (recording) => {
    const bars = await providerFor(replay(recording)).bars("AAPL", { ...january, interval: "1d" });
    assert.deepEqual(bars, [{
      startMs: Date.parse("2020-01-02"),
      open: "74.06",
      high: "75.15",
      low: "73.7975",
      close: "75.0875",
      volume: 135480400,
      adjusted: "split",
      source: "yahoo",
    }]);
  },
);

testWithShared<Recording>(
  "a recorded reply becomes an exact quote",
  recordingPath,
  async (recording) => {
    const quote = await providerFor(replay(recording, asOneDay)).quote("AAPL", { signal });
    assert.deepEqual(quote, {
      symbol: "AAPL",
      price: "333.69",
      previousClose: "330.32",
      volume: 31878433,
      currency: "USD",
      asOfMs: 1_790_971_201_000,
      session: "closed",
      source: "yahoo",
    });
  },
);

testWithShared<Recording>(
  "the previous close of a longer chart is not taken for yesterday's",
  recordingPath,
  async (recording) => {
    const { kind } = await failureOf(providerFor(replay(recording)).quote("AAPL", { signal }));
    assert.equal(kind, "malformed");
  },
);

testWithShared<Recording>(
  "a previous close that is named as such goes before the chart's",
  recordingPath,
  async (recording) => {
    const provider = providerFor(replay(recording, ({ meta }) => meta.previousClose = 330.32));
    assert.equal((await provider.quote("AAPL", { signal })).previousClose, "330.32");
  },
);

testWithShared<Recording>(
  "the session is the one that the recorded trading periods give for the moment",
  recordingPath,
  async (recording) => {
    const sessions: [number, string][] = [
      [1_790_927_999, "closed"],
      [1_790_928_000, "pre"],
      [1_790_947_800, "regular"],
      [1_790_971_199, "regular"],
      [1_790_971_200, "post"],
      [1_790_985_600, "closed"],
    ];
    for (const [seconds, expected] of sessions) {
      const provider = providerFor(replay(recording, asOneDay), seconds * 1_000);
      assert.equal((await provider.quote("AAPL", { signal })).session, expected, String(seconds));
    }
  },
);

testWithShared<Recording>(
  "pence become pounds, and a unit that nobody knows is refused",
  recordingPath,
  async (recording) => {
    const quoted = (currency: string) =>
      providerFor(replay(recording, (result) => {
        asOneDay(result);
        Object.assign(result.meta, { currency, regularMarketPrice: 72.46 });
      })).quote("AAPL", { signal });
    const { price, previousClose, currency } = await quoted("GBp");
    assert.deepEqual([price, previousClose, currency], ["0.7246", "3.3032", "GBP"]);
    assert.equal((await quoted("KWF")).price, "0.07246");
    assert.equal((await failureOf(quoted("EUr"))).kind, "malformed");
  },
);

testWithShared<Recording>(
  "a row with a hole is left out, and so is the running price in the guise of a bar",
  recordingPath,
  async (recording) => {
    const open = 1_577_975_400;
    const bars = await providerFor(replay(recording, (result) => {
      result.timestamp = [open + 60, open, open + 120, open + 180, open + 180, open + 197];
      const prices = [2, 1, null, 3, 4, 5];
      const [quote] = result.indicators.quote;
      for (const name of ["open", "high", "low", "close", "volume"]) quote[name] = prices;
    })).bars("AAPL", { ...january, interval: "1m" });
    assert.deepEqual(
      bars.map(({ startMs, close }) => [startMs / 1_000 - open, close]),
      [[0, "1"], [60, "2"], [180, "4"]],
    );
  },
);

testWithShared<Recording>(
  "a reply that does not fit is malformed, never a wrong price",
  recordingPath,
  async (recording) => {
    const meta = (changed: object) => (result: ChartResult) => {
      asOneDay(result);
      Object.assign(result.meta, changed);
    };
    const quoteFaults: Record<string, object> = {
      "a negative price": { regularMarketPrice: -1 },
      "no price": { regularMarketPrice: undefined },
      "a price in text": { regularMarketPrice: "333.69" },
      "a price of zero": { regularMarketPrice: 0 },
      "a price that rounds to nothing": { regularMarketPrice: 1e-9 },
      "another symbol": { symbol: "MSFT" },
      "no currency": { currency: null },
      "no previous close": { chartPreviousClose: null },
      "a previous close of zero": { chartPreviousClose: 0 },
      "no volume": { regularMarketVolume: null },
      "no time": { regularMarketTime: null },
      "no trading periods": { currentTradingPeriod: undefined },
    };
    for (const [name, changed] of Object.entries(quoteFaults)) {
      const provider = providerFor(replay(recording, meta(changed)));
      const { kind, message } = await failureOf(provider.quote("AAPL", { signal }));
      assert.equal(kind, "malformed", `${name}: ${message}`);
    }
    const barFaults: Record<string, (result: ChartResult) => void> = {
      "a negative bar": ({ indicators }) => indicators.quote[0].low = [-1],
      "a bar of zero": ({ indicators }) => indicators.quote[0].open = [0],
      "columns of different lengths": ({ timestamp }) => timestamp.push(1_577_975_400),
      "a column missing": ({ indicators }) => delete indicators.quote[0].close,
      "a zone that does not exist": ({ meta }) => meta.exchangeTimezoneName = "Mars/Base",
    };
    for (const [name, change] of Object.entries(barFaults)) {
      const provider = providerFor(replay(recording, change));
      const asked = provider.bars("AAPL", { ...january, interval: "1d" });
      assert.equal((await failureOf(asked)).kind, "malformed", name);
    }
  },
);

testWithShared<Recording>(
  "fields that Yahoo adds or leaves out beyond those we use change nothing",
  recordingPath,
  async (recording) => {
    const provider = providerFor(replay(recording, (result) => {
      asOneDay(result);
      Object.assign(result.meta, {
        newField: { deep: [1] },
        longName: undefined,
        priceHint: undefined,
      });
      Object.assign(result, { more: true });
    }));
    assert.equal((await provider.quote("AAPL", { signal })).price, "333.69");
  },
);

testWithShared<Recording>(
  "splits and dividends come on the trading day of their ex-date",
  recordingPath,
  async (recording) => {
    const exSeconds = Date.parse("2020-01-02T14:30:00Z") / 1_000;
    const provider = providerFor(replay(recording, (result) => {
      result.events = {
        dividends: {
          [exSeconds]: { amount: 0.1925, date: exSeconds },
          1: { amount: 9, date: exSeconds + 7 * 86_400 },
        },
        splits: {
          [exSeconds]: { date: exSeconds, numerator: 4, denominator: 1, splitRatio: "4:1" },
        },
      };
    }));
    const exMs = Date.parse("2020-01-02");
    assert.deepEqual(await provider.actions?.("AAPL", january), [
      { kind: "split", exMs, numerator: 4, denominator: 1 },
      { kind: "dividend", exMs, amount: "0.1925" },
    ]);
  },
);

Deno.test("what Yahoo answers instead of data is told apart", async (t) => {
  const error = (code: string, description: string) =>
    JSON.stringify({ chart: { result: null, error: { code, description } } });
  const gone = error("Not Found", "No data found, symbol may be delisted");
  const table: [string, () => Response, string, number?][] = [
    ["404 in Yahoo's words", () => new Response(gone, { status: 404 }), "unknown_symbol"],
    ["200 with the same words", () => new Response(gone), "unknown_symbol"],
    ["404 of somebody else", () => new Response("<html>", { status: 404 }), "malformed"],
    ["429", () => new Response("Too Many Requests\r\n", { status: 429 }), "limited"],
    [
      "429 for a while",
      () => new Response("", { status: 429, headers: { "retry-after": "60" } }),
      "limited",
      60_000,
    ],
    ["500", () => new Response("oops", { status: 500 }), "unavailable"],
    [
      "503 for a while",
      () => new Response("", { status: 503, headers: { "retry-after": "5" } }),
      "unavailable",
      5_000,
    ],
    ["401", () => new Response("", { status: 401 }), "refused"],
    [
      "422 for a range too old",
      () => new Response(error("Unprocessable Entity", "1m data not available"), { status: 422 }),
      "refused",
    ],
    [
      "consent asked by redirect",
      () => new Response(null, { status: 302, headers: { location: "https://consent.example" } }),
      "refused",
    ],
    ["HTML with 200", () => new Response("<!DOCTYPE html>"), "malformed"],
    ["JSON cut", () => new Response('{"chart":{"result":[{"me'), "malformed"],
    ["NaN", () => new Response('{"chart":{"result":[NaN]}}'), "malformed"],
    ["nothing", () => new Response(""), "malformed"],
    ["no result and no error", () => Response.json({ chart: { result: null } }), "malformed"],
    ["two results", () => Response.json({ chart: { result: [{}, {}] } }), "malformed"],
  ];
  for (const [name, answer, kind, retryAfterMs] of table) {
    await t.step(name, async () => {
      const provider = providerFor(answer);
      for (
        const asked of [
          provider.quote("AAPL", { signal }),
          provider.bars("AAPL", { ...january, interval: "1d" }),
        ]
      ) {
        const failure = await failureOf(asked);
        assert.deepEqual([failure.kind, failure.retryAfterMs], [kind, retryAfterMs]);
        assert.equal(failure.provider, "yahoo");
      }
    });
  }
});

Deno.test("a window before the first trade is empty, not a failure", async () => {
  const description = "Data doesn't exist for startDate = 1, endDate = 2";
  const answer = { chart: { result: null, error: { code: "Bad Request", description } } };
  const provider = providerFor(() => Response.json(answer, { status: 400 }));
  assert.deepEqual(await provider.bars("AAPL", { ...january, interval: "1d" }), []);
  assert.deepEqual(await provider.actions?.("AAPL", january), []);
});

Deno.test("a symbol that could leave its place in the address is unknown without being asked for", async () => {
  let asked = 0;
  const fetcher: Fetch = () => {
    asked++;
    return Promise.resolve(new Response("{}"));
  };
  const provider = create(settings.parse({}), fetcher);
  for (const symbol of ["", ".", "..", "../v7", "A/B", "A?x=1", "aapl", "A B", "A".repeat(40)]) {
    const { kind } = await failureOf(provider.quote(symbol, { signal }));
    assert.equal(kind, "unknown_symbol", symbol);
  }
  assert.equal(asked, 0);
});

Deno.test("each question asks the chart for no more than it needs", async () => {
  const urls: URL[] = [];
  const fetcher: Fetch = (url) => {
    urls.push(url);
    return Promise.resolve(new Response("{}"));
  };
  const provider = create(settings.parse({}), fetcher);
  const range = { from: 10 * dayMs, to: 12 * dayMs, signal };
  await failureOf(provider.quote("^GSPC", { signal }));
  await failureOf(provider.bars("BTC-USD", { ...range, interval: "5m" }));
  await failureOf(provider.bars("BTC-USD", { ...range, interval: "1d" }));
  const base = "https://query1.finance.yahoo.com/v8/finance/chart/";
  const events = "events=div%2Csplit";
  assert.deepEqual(urls.map(String), [
    `${base}%5EGSPC?interval=1d&${events}&range=1d`,
    `${base}BTC-USD?interval=5m&${events}&period1=864000&period2=1036800`,
    `${base}BTC-USD?interval=1d&${events}&period1=777600&period2=1123200`,
  ]);
});

Deno.test("a server that is not there is unavailable; a caller who gives up hears his own reason", async () => {
  const provider = create(settings.parse({ baseUrl: refusingUrl() }));
  assert.equal((await failureOf(provider.quote("AAPL", { signal }))).kind, "unavailable");
  const reason = new Error("no longer needed");
  const stopped = AbortSignal.abort(reason);
  await assert.rejects(provider.quote("AAPL", { signal: stopped }), (error) => error === reason);
});

Deno.test("a coin trades in the last minute of the day too, which Yahoo leaves out", async () => {
  const nowMs = Date.parse("2026-10-03T23:59:30Z");
  const yahoo = await startYahoo({ now: () => nowMs });
  try {
    const provider = create(settings.parse({ baseUrl: yahoo.url }), fetch, () => nowMs);
    assert.equal((await provider.quote("DOGE-USD", { signal })).session, "regular");
  } finally {
    await yahoo.stop();
  }
});

Deno.test("a price set on the stand-in is the quote, exactly and now", async () => {
  const nowMs = Date.parse("2026-10-03T12:00:00Z");
  const yahoo = await startYahoo({ now: () => nowMs });
  try {
    const provider = create(settings.parse({ baseUrl: yahoo.url }), fetch, () => nowMs);
    yahoo.setPrice("DOGE-USD", 0.123457);
    const quote = await provider.quote("DOGE-USD", { signal });
    assert.deepEqual([quote.price, quote.asOfMs, quote.session], ["0.123457", nowMs, "regular"]);
    const [request] = yahoo.requests();
    assert.deepEqual([request?.symbol, request?.query.range], ["DOGE-USD", "1d"]);
    assert.match(request?.userAgent ?? "", /^Mozilla/);
  } finally {
    await yahoo.stop();
  }
});
