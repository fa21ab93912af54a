/** The read that has to be quick from a cold start: the door for the front of the house. */
export { getQuote } from "./get_quote.ts";
export { isSymbol, symbolRule } from "./model/symbol.ts";
