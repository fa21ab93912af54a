/** One member of the demo market: what it is like, not what it costs on a day. */
export interface Instrument {
  symbol: string;
  /** Trades around the clock, every day; everything else keeps New York's hours. */
  isCoin: boolean;
  /** US dollars on the eve of the first day. */
  level: number;
  /** Growth of its trend a year, continuously compounded, until 2026. */
  growth: number;
  /** Standard deviation of its return, a year. */
  volatility: number;
  /** With the common factor: the market's, or the coins'. */
  correlation: number;
  /** Shares or coins on an average day. */
  volume: number;
}

/**
 * Symbol, level, growth, volatility, correlation, millions traded a day. Rounded from how these instruments behaved
 * between 2015 and 2025, so that the demo looks like a market; its prices are made up all the same.
 */
const rows: [string, number, number, number, number, number][] = [
  ["SPY", 206, 0.109, 0.17, 0.95, 75],
  ["QQQ", 103, 0.163, 0.21, 0.92, 50],
  ["DIA", 178, 0.09, 0.16, 0.92, 4],
  ["IWM", 119, 0.066, 0.22, 0.85, 30],
  ["VTI", 106, 0.105, 0.17, 0.95, 4],
  ["VEA", 38, 0.045, 0.16, 0.82, 10],
  ["VWO", 40, 0.027, 0.18, 0.72, 9],
  ["EFA", 61, 0.041, 0.16, 0.83, 18],
  ["EEM", 39, 0.03, 0.2, 0.74, 32],
  ["BND", 82, -0.009, 0.05, 0.05, 6],
  ["AGG", 110, -0.009, 0.05, 0.05, 8],
  ["TLT", 127, -0.033, 0.15, -0.15, 35],
  ["IEF", 106, -0.009, 0.07, -0.12, 7],
  ["SHY", 84.5, -0.002, 0.02, -0.05, 4],
  ["TIP", 112, -0.002, 0.06, 0.05, 2.5],
  ["LQD", 120, -0.007, 0.08, 0.25, 25],
  ["HYG", 89.5, -0.01, 0.08, 0.65, 35],
  ["VNQ", 81, 0.01, 0.19, 0.65, 4],
  ["GLD", 114, 0.113, 0.15, 0.08, 9],
  ["SLV", 15.1, 0.122, 0.28, 0.2, 24],
  ["USO", 155, -0.072, 0.35, 0.3, 4],
  ["DBA", 25, 0.005, 0.13, 0.12, 0.6],
  ["AAPL", 27.3, 0.209, 0.28, 0.72, 60],
  ["MSFT", 46.7, 0.213, 0.26, 0.75, 24],
  ["GOOG", 26.2, 0.225, 0.28, 0.68, 22],
  ["AMZN", 15.4, 0.246, 0.32, 0.64, 42],
  ["META", 78.5, 0.192, 0.36, 0.58, 14],
  ["NVDA", 0.5, 0.538, 0.47, 0.6, 190],
  ["TSLA", 14.6, 0.31, 0.56, 0.45, 85],
  ["BRK.B", 149, 0.11, 0.19, 0.75, 4],
  ["JPM", 62.5, 0.147, 0.25, 0.7, 9],
  ["BAC", 17.9, 0.1, 0.28, 0.68, 38],
  ["V", 66, 0.15, 0.24, 0.7, 6],
  ["MA", 85.5, 0.172, 0.25, 0.7, 3],
  ["JNJ", 105, 0.061, 0.17, 0.4, 7.5],
  ["UNH", 101, 0.108, 0.25, 0.45, 8],
  ["PFE", 29.7, -0.016, 0.22, 0.4, 45],
  ["MRK", 54.8, 0.058, 0.21, 0.38, 11],
  ["PG", 90.4, 0.043, 0.17, 0.4, 8],
  ["KO", 42.1, 0.046, 0.16, 0.42, 15],
  ["PEP", 94.4, 0.04, 0.17, 0.42, 6.5],
  ["WMT", 28.6, 0.124, 0.2, 0.4, 18],
  ["COST", 142, 0.166, 0.22, 0.5, 2.2],
  ["HD", 103.4, 0.11, 0.23, 0.6, 3.6],
  ["MCD", 93.3, 0.109, 0.19, 0.5, 3.2],
  ["DIS", 93.8, 0.016, 0.26, 0.6, 9],
  ["NKE", 47.5, 0.03, 0.29, 0.55, 15],
  ["XOM", 92.8, 0.023, 0.26, 0.5, 15],
  ["CVX", 112.6, 0.027, 0.26, 0.52, 8],
  ["IBM", 155, 0.06, 0.23, 0.55, 4],
  ["ORCL", 44.3, 0.136, 0.3, 0.55, 22],
  ["INTC", 36.4, 0.004, 0.36, 0.6, 85],
  ["BTC-USD", 315, 0.516, 0.6, 0.9, 0.03],
  ["ETH-USD", 1.2, 0.714, 0.78, 0.87, 0.5],
  ["SOL-USD", 0.6, 0.492, 0.95, 0.75, 6],
  ["MATIC-USD", 0.02, 0.226, 0.95, 0.72, 300],
  ["LINK-USD", 0.19, 0.388, 0.9, 0.74, 30],
  ["ADA-USD", 0.03, 0.24, 0.88, 0.74, 900],
  ["DOGE-USD", 0.004, 0.323, 0.95, 0.62, 8000],
  ["XRP-USD", 0.024, 0.402, 0.82, 0.65, 1800],
];

/** The whole demo market. */
export const instruments: readonly Instrument[] = rows.map(
  ([symbol, level, growth, volatility, correlation, millions]) => ({
    symbol,
    isCoin: symbol.endsWith("-USD"),
    level,
    growth,
    volatility,
    correlation,
    volume: millions * 1e6,
  }),
);
