export { getBars } from "./get_bars.ts";
export { getQuote, type QuoteNeeds, type QuoteOptions } from "./get_quote.ts";
export { getQuotes, type KeptQuotes } from "./get_quotes.ts";
export { type KeptQuote } from "./kept_quote.ts";
export { isSymbol } from "./model/symbol.ts";
export { knowsSymbol } from "./knows_symbol.ts";
export type { ProviderBar, ProviderQuote, QuoteProvider } from "./ports.ts";
export { Bar, BarsPage, BarsQuery, Quote, Quotes, QuotesQuery, SymbolParam } from "./schema.ts";
export { watchQuote } from "./watch_quote.ts";
