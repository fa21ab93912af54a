export interface Instrument {
  symbol: string;
  name: string;
  type: "EQUITY" | "ETF" | "CRYPTOCURRENCY";
  exchangeName: string;
  fullExchangeName: string;
  timeZone: string;
  /** As Yahoo writes it: GBp for pence. */
  currency: string;
  priceHint: number;
  /** Around which the price swings. */
  basePrice: number;
  /** Of a usual day. */
  volume: number;
  firstTradeSeconds: number;
  /** In seconds; per share after all splits. */
  dividends: { date: number; amount: number }[];
  splits: { date: number; numerator: number; denominator: number }[];
}

const day = (text: string) => Date.parse(`${text}T14:30:00Z`) / 1_000;

const equity: Omit<Instrument, "symbol" | "name" | "basePrice"> = {
  type: "EQUITY",
  exchangeName: "NMS",
  fullExchangeName: "NasdaqGS",
  timeZone: "America/New_York",
  currency: "USD",
  priceHint: 2,
  volume: 30_000_000,
  firstTradeSeconds: day("2010-01-04"),
  dividends: [],
  splits: [],
};

const etf: typeof equity = {
  ...equity,
  type: "ETF",
  exchangeName: "PCX",
  fullExchangeName: "NYSEArca",
};

const coin: typeof equity = {
  ...equity,
  type: "CRYPTOCURRENCY",
  exchangeName: "CCC",
  fullExchangeName: "CCC",
  timeZone: "UTC",
  firstTradeSeconds: Date.parse("2017-11-09") / 1_000,
};

/** Real names, made-up prices. */
export const instruments: Instrument[] = [
  {
    ...equity,
    symbol: "AAPL",
    name: "Apple Inc.",
    basePrice: 230,
    dividends: ["2025-02-10", "2025-05-12", "2025-08-11", "2025-11-10"]
      .map((text) => ({ date: day(text), amount: 0.26 })),
    splits: [{ date: day("2020-08-31"), numerator: 4, denominator: 1 }],
  },
  { ...equity, symbol: "MSFT", name: "Microsoft Corporation", basePrice: 430 },
  { ...equity, symbol: "GOOG", name: "Alphabet Inc.", basePrice: 190 },
  {
    ...equity,
    symbol: "NFLX",
    name: "Netflix, Inc.",
    basePrice: 110,
    splits: [{ date: day("2025-11-17"), numerator: 10, denominator: 1 }],
  },
  { ...equity, symbol: "BRK-B", name: "Berkshire Hathaway Inc. New", basePrice: 480 },
  {
    ...equity,
    symbol: "VOD.L",
    name: "Vodafone Group Public Limited Company",
    exchangeName: "LSE",
    fullExchangeName: "LSE",
    timeZone: "Europe/London",
    currency: "GBp",
    basePrice: 72,
  },
  { ...etf, symbol: "SPY", name: "SPDR S&P 500", basePrice: 600 },
  { ...etf, symbol: "QQQ", name: "Invesco QQQ Trust", basePrice: 520 },
  { ...coin, symbol: "BTC-USD", name: "Bitcoin USD", basePrice: 98_000 },
  { ...coin, symbol: "ETH-USD", name: "Ethereum USD", basePrice: 3_400 },
  { ...coin, symbol: "DOGE-USD", name: "Dogecoin USD", basePrice: 0.17, priceHint: 6 },
];

/** A newcomer to the exchange, for a price that is set by hand; named like a coin it is one, and trades at all hours. */
export function newListing(symbol: string, basePrice: number): Instrument {
  const kind = symbol.endsWith("-USD") ? coin : equity;
  return { ...kind, symbol, name: symbol, basePrice };
}
