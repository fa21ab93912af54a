export { getBars } from "./get_bars.ts";
export { getQuote, type QuoteOptions } from "./get_quote.ts";
export { getQuotes, type KeptQuotes } from "./get_quotes.ts";
export { type KeptQuote } from "./kept_quote.ts";
export { knowsSymbol } from "./knows_symbol.ts";
export { type QuoteNeeds } from "./load_quote.ts";
export type { ProviderBar, ProviderQuote, QuoteProvider } from "./ports.ts";
export {
  Bar,
  BarsPage,
  BarsQuery,
  isSymbol,
  Quote,
  Quotes,
  QuotesQuery,
  SymbolParam,
} from "./schema.ts";
export { watchQuote } from "./watch_quote.ts";
