import type { Hono } from "hono";
import { z } from "zod";
import { chartAnswer, errorAnswer } from "./yahoo/chart.ts";
import { createMarket } from "./yahoo/market.ts";
import { yahooFaults } from "./yahoo/faults.ts";
import type { Fault } from "./support/faults.ts";
import { type RunningVendor, startVendor } from "./support/vendor.ts";

type Kind = keyof typeof yahooFaults;
export type YahooFault = Fault<Kind>;

const requestsMax = 10_000;
const priceSchema = z.object({
  symbol: z.string().min(1).max(32),
  price: z.coerce.number().positive(),
});

export interface YahooOptions {
  port?: number;
  /** Takes a line for people: prices set by hand. */
  report?: (line: string) => void;
  now?: () => number;
}

/** A request for a chart, as it came. */
export interface ChartRequest {
  symbol: string;
  query: Record<string, string>;
  userAgent: string;
  atMs: number;
}

export interface RunningYahoo extends RunningVendor<Kind> {
  /** From now on; a symbol that is not known is listed with this price. Also POST /dev/price. */
  setPrice(symbol: string, price: number): void;
  /** In the order of their arrival, the latest 10,000, those that a fault hit too. */
  requests(): ChartRequest[];
}

/** A stand-in for Yahoo's chart endpoint over a made-up market that is the same in every run. */
// deno-lint-ignore require-await -- Every stand-in is started by awaiting it.
export async function startYahoo(options: YahooOptions = {}): Promise<RunningYahoo> {
  const { now = Date.now, report = () => {} } = options;
  const market = createMarket(now);
  const requests: ChartRequest[] = [];

  function setPrice(symbol: string, price: number) {
    if (!(price > 0 && Number.isFinite(price))) throw new RangeError("a price is above zero");
    market.setPrice(symbol, price);
    report(`${symbol} is ${price}`);
  }

  const vendor = startVendor<Kind>({
    port: options.port,
    api: "/v8/*",
    own: yahooFaults,
    statusAnswer: errorAnswer,
    record(c) {
      const symbol = decodeURIComponent(c.req.path.split("/").at(-1) ?? "");
      const userAgent = c.req.header("user-agent") ?? "";
      requests.push({ symbol, query: c.req.query(), userAgent, atMs: now() });
      if (requests.length > requestsMax) requests.shift();
    },
    mount(app: Hono) {
      app.get(
        "/v8/finance/chart/:symbol",
        (c) => chartAnswer(market, c.req.param("symbol"), c.req.query(), now()),
      );
      app.post("/dev/price", async (c) => {
        const wanted = priceSchema.safeParse(await c.req.json().catch(() => undefined));
        if (!wanted.success) return c.json({ error: z.prettifyError(wanted.error) }, 422);
        const { symbol, price } = wanted.data;
        setPrice(symbol, price);
        return c.json({ symbol, price });
      });
      app.get("/dev/requests", (c) => c.json(requests));
    },
  });
  return { ...vendor, setPrice, requests: () => [...requests] };
}
