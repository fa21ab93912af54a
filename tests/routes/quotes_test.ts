import assert from "node:assert/strict";
import { barRoutes } from "../../routes/bars.ts";
import { api } from "../../routes/http/env.ts";
import { onError } from "../../routes/http/errors.ts";
import { hotRoutes } from "../../routes/hot_routes.ts";
import { quoteRoutes } from "../../routes/quotes.ts";
import type { Actor } from "../../services/ctx.ts";
import { exchangeOf, reachable } from "../support/exchange.ts";
import { type MarketWorld, reader, withMarket } from "../services/market_data/market_world.ts";

/** The routes of market data behind nothing but a context; the gate has tests of its own. */
function appOver({ ctx }: MarketWorld, actor: Actor = reader) {
  const app = api();
  app.onError(onError);
  app.route("/", hotRoutes).route("/", quoteRoutes).route("/", barRoutes);
  // As long as the gate's own ids become after two thousand million requests.
  return reachable(app, { ...ctx, actor, requestId: "a1b2c3d4e5f6-zzzzzz" });
}

const demo = { providers: "demo" };

Deno.test("GET /v1/quotes/:symbol answers a quote with its tag, for the caller alone", async () => {
  await withMarket(demo, async (world) => {
    const response = await appOver(world).request("/v1/quotes/BRK.B");
    assert.equal(response.status, 200);
    assert.deepEqual([...response.headers.keys()].sort(), [
      "cache-control",
      "content-type",
      "etag",
      "x-content-type-options",
      "x-request-id",
    ]);
    assert.equal(response.headers.get("cache-control"), "private, max-age=1");
    const quote = await response.json();
    assert.deepEqual([quote.symbol, quote.synthetic, quote.stale], ["BRK.B", true, false]);
  });
});

Deno.test("whoever has the quote already hears 304 and nothing else", async () => {
  await withMarket(demo, async (world) => {
    const app = appOver(world);
    for (const path of ["/v1/quotes/AAPL", "/v1/quotes?symbols=AAPL,MSFT", "/v1/bars/AAPL"]) {
      const etag = (await app.request(path)).headers.get("etag") ?? "";
      for (const known of [etag, `W/${etag}`, `"other", ${etag}`, "*"]) {
        const response = await app.request(path, { headers: { "if-none-match": known } });
        assert.deepEqual([response.status, await response.text()], [304, ""], `${path} ${known}`);
        assert.equal(response.headers.get("etag"), etag);
      }
      const other = await app.request(path, { headers: { "if-none-match": '"other"' } });
      assert.equal(other.status, 200);
      await other.body?.cancel();
    }
  });
});

Deno.test("a quote that memory has is answered without waiting", async () => {
  await withMarket(demo, async (world) => {
    await (await appOver(world).request("/v1/quotes/AAPL")).text();
    const handler = hotRoutes.routes.find(({ path }) => path === "/v1/quotes/:symbol")?.handler;
    const c = {
      req: { param: () => "AAPL", raw: new Request("http://almanac/v1/quotes/AAPL") },
      env: exchangeOf(world.ctx),
    };
    assert.ok(handler?.(c as never, () => Promise.resolve()) instanceof Response);
  });
});

Deno.test("head and body of a quote fit into the 512 bytes that are written at once", async () => {
  for (const time of ["2026-11-20T15:00:00Z", "2026-11-21T15:00:00Z", "2026-03-10T14:31:11Z"]) {
    await withMarket({ ...demo, time }, async (world) => {
      const app = appOver(world);
      const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, app.fetch);
      const symbols = (await world.ctx.vendors.quotes())[0]?.symbols?.() ?? [];
      for (const symbol of symbols) {
        const sizeBytes = await sizeOnWire(server.addr.port, `/v1/quotes/${symbol}`);
        assert.ok(sizeBytes > 300 && sizeBytes <= 512, `${symbol}: ${sizeBytes} bytes`);
      }
      await server.shutdown();
    });
  }
});

Deno.test("symbols that cannot be one are 422, those that nobody knows 404 with what was meant", async () => {
  await withMarket(demo, async (world) => {
    const app = appOver(world);
    const answered = async (path: string) => {
      const response = await app.request(path);
      const problem = await response.json();
      return [response.status, problem.code, problem.detail ?? problem.errors?.[0]?.path];
    };
    const malformed = ["aapl", "A".repeat(21), "A%20B", "A..B", "-A", "A%00", "%F0%9F%92%A9", "A$"];
    for (const symbol of malformed) {
      for (const path of [`/v1/quotes/${symbol}`, `/v1/bars/${symbol}`]) {
        assert.deepEqual(await answered(path), [422, "invalid_request", "symbol"], path);
      }
      const [status, code] = await answered(`/v1/quotes?symbols=AAPL,${symbol}`);
      assert.deepEqual([status, code], [422, "invalid_request"], symbol);
    }
    const unknown = [404, "unknown_symbol", "Did you mean AAPL?"];
    assert.deepEqual(await answered("/v1/quotes/APPL"), unknown);
    assert.deepEqual(await answered("/v1/bars/APPL"), unknown);
  });
});

Deno.test("parameters that are not known are refused, and so are too many symbols", async () => {
  await withMarket(demo, async (world) => {
    const app = appOver(world);
    const many = (count: number) => Array.from({ length: count }, (_, at) => `S${at}`).join(",");
    const refused = [
      "/v1/quotes",
      "/v1/quotes?symbols=",
      `/v1/quotes?symbols=${many(101)}`,
      "/v1/quotes?symbols=AAPL&fields=price",
      "/v1/bars/AAPL?interval=2h",
      "/v1/bars/AAPL?from=2026-02-01&to=2026-01-01",
      "/v1/bars/AAPL?page=2",
    ];
    for (const path of refused) {
      const response = await app.request(path);
      assert.equal(response.status, 422, path);
      assert.ok((await response.json()).errors.length > 0, path);
    }
    const hundred = await app.request(`/v1/quotes?symbols=${many(100)}`);
    assert.equal(hundred.status, 200);
    assert.equal((await hundred.json()).unknown.length, 100);
  });
});

Deno.test("without a source the answer is 503 and says when to ask again", async () => {
  await withMarket({ providers: "yahoo" }, async (world) => {
    world.yahoo.setFault({ kind: "status", status: 429, retryAfter: "9" });
    const response = await appOver(world).request("/v1/quotes/AAPL");
    assert.deepEqual([response.status, response.headers.get("retry-after")], [503, "9"]);
    const problem = await response.json();
    assert.equal(problem.code, "no_price_source");
    assert.equal(JSON.stringify(problem).toLowerCase().includes("yahoo"), false);
  });
});

Deno.test("quotes and bars are for people who may read them", async () => {
  await withMarket(demo, async (world) => {
    const strangers: [Actor, number][] = [
      [{ kind: "anonymous" }, 401],
      [{ ...reader, permissions: new Set() } as Actor, 403],
    ];
    for (const [actor, status] of strangers) {
      for (const path of ["/v1/quotes/AAPL", "/v1/quotes?symbols=AAPL", "/v1/bars/AAPL"]) {
        const response = await appOver(world, actor).request(path);
        assert.equal(response.status, status, path);
        await response.body?.cancel();
      }
    }
  });
});

/** All bytes that the server sends for a request, as they come over the wire. */
async function sizeOnWire(port: number, path: string): Promise<number> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const head = [`GET ${path} HTTP/1.1`, "host: almanac", "accept-encoding: gzip", "", ""];
  await connection.write(new TextEncoder().encode(head.join("\r\n")));
  const buffer = new Uint8Array(4_096);
  const decoder = new TextDecoder();
  let text = "";
  for (;;) {
    const count = await connection.read(buffer);
    if (count === null) break;
    text += decoder.decode(buffer.subarray(0, count));
    const end = text.indexOf("\r\n\r\n");
    const length = Number(/content-length: (\d+)/i.exec(text)?.[1]);
    if (end >= 0 && text.length >= end + 4 + length) break;
  }
  return text.length;
}
