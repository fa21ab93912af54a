/** An upper-case ticker; a class of shares follows a point, a pair of currencies is joined by a hyphen. */
export const symbolPattern = /^(?=.{1,20}$)[A-Z0-9]+([.-][A-Z0-9]+)*$/;

/** What a refusal says of a text that is none. */
export const symbolRule = "is upper case, such as AAPL, BRK.B or BTC-USD, 20 characters at most";

/** Whether a text can be a symbol at all; whether any source knows it is another question. */
export function isSymbol(text: string): boolean {
  return symbolPattern.test(text);
}
