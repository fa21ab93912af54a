import * as z from "zod";
import { AnsweredDecimal } from "../../lib/answered.ts";
import { symbolPattern, symbolRule } from "./model/symbol.ts";

const symbolsMax = 100;
const barsDefault = 500;
const barsMax = 1_000;

const MarketSymbol = z.string().regex(symbolPattern, symbolRule).meta({
  id: "MarketSymbol",
  example: "AAPL",
});

export const SymbolParam = z.strictObject({ symbol: MarketSymbol });

export const QuotesQuery = z.strictObject({
  symbols: z.string().transform((text) => text.split(",")).pipe(
    z.array(MarketSymbol).max(symbolsMax, `are ${symbolsMax} at most`),
  ).meta({
    description: "Separated by commas; one that comes twice is answered once.",
    pattern: "^[A-Z0-9]+([.-][A-Z0-9]+)*(,[A-Z0-9]+([.-][A-Z0-9]+)*)*$",
    example: "AAPL,BTC-USD",
  }),
});

const decimal = AnsweredDecimal.meta({ example: "189.98" });

export const Quote = z.object({
  symbol: MarketSymbol,
  price: decimal,
  bid: decimal.optional(),
  ask: decimal.optional(),
  previousClose: decimal,
  change: decimal.meta({ description: "Price less previous close." }),
  changePercent: z.number().meta({ description: "A fraction: 0.0098 is 0.98 %.", example: 0.0098 }),
  volume: z.number().nonnegative(),
  currency: z.string(),
  asOf: z.iso.datetime().meta({ description: "When the price was made." }),
  session: z.enum(["pre", "regular", "post", "closed"]).meta({
    description: "In which part of its trading day the market was when we asked.",
  }),
  source: z.string(),
  confidence: z.number().min(0).max(1).meta({
    description: "1 where several sources agree, 0 where they contradict each other; " +
      "0.5 where there is one source and so nothing to compare it with.",
  }),
  stale: z.boolean().meta({
    description: "True where no source answers now and this is the last that one of them said.",
  }),
  ageSeconds: z.int().nonnegative().optional().meta({
    description: "Where stale: how long ago the price was made.",
  }),
  synthetic: z.boolean().meta({ description: "True for a made-up market." }),
}).meta({ id: "Quote" });

export type Quote = z.infer<typeof Quote>;

export const Quotes = z.object({
  items: z.array(Quote),
  unknown: z.array(MarketSymbol).meta({ description: "Symbols that no source knows." }),
  unavailable: z.array(MarketSymbol).meta({
    description: "Symbols that no source can price now. Ask again later.",
  }),
}).meta({ id: "Quotes" });

export type Quotes = z.infer<typeof Quotes>;

/** The length of a bar. */
export const Interval = z.enum(["1d", "1h", "5m", "1m"]);
export type Interval = z.infer<typeof Interval>;

export const Adjust = z.enum(["all", "split", "none"]);
export type Adjust = z.infer<typeof Adjust>;

export const BarsQuery = z.strictObject({
  interval: Interval.default("1d"),
  from: z.iso.date().optional().meta({
    description: "First day. By default a year before `to`; 30, 5 or 1 days for 1h, 5m and 1m.",
  }),
  to: z.iso.date().optional().meta({ description: "Last day. Today by default." }),
  adjust: Adjust.default("split").meta({
    description: "Which later events past prices are restated for: splits and dividends, splits " +
      "alone, or none. The demo market has neither splits nor dividends, so all three coincide.",
  }),
  limit: z.string().regex(/^([1-9]\d{0,2}|1000)$/, `must be a whole number from 1 to ${barsMax}`)
    .transform(Number).default(barsDefault),
  /** The beginning of the next bar, in base 36. */
  cursor: z.string().regex(/^[0-9a-z]{1,9}$/).transform((text) => parseInt(text, 36)).optional(),
}).refine(({ from, to }) => from === undefined || to === undefined || from <= to, {
  path: ["from"],
  message: "is after `to`",
});

export type BarsQuery = z.infer<typeof BarsQuery>;

export const Bar = z.object({
  time: z.string().meta({
    description: "The trading day for 1d, else the instant at which the bar begins.",
    example: "2026-01-30",
  }),
  open: z.number(),
  high: z.number(),
  low: z.number(),
  close: z.number(),
  volume: z.number(),
}).meta({ id: "Bar" });

export type Bar = z.infer<typeof Bar>;

/** Bars are numbers, not strings: there are many, and they are for charts and statistics. */
export const BarsPage = z.object({
  symbol: MarketSymbol,
  interval: Interval,
  adjust: Adjust,
  source: z.string(),
  synthetic: z.boolean(),
  items: z.array(Bar).meta({ description: "Completed bars, the oldest first." }),
  nextCursor: z.string().nullable(),
}).meta({ id: "BarsPage" });

export type BarsPage = z.infer<typeof BarsPage>;
