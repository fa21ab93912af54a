import { Refusal } from "./refusal.ts";

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const namePattern = /^[A-Za-z0-9._-]+$/;

/** Letters and digits that nobody guesses, for ids, keys and the token. */
export function randomText(length: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(length));
  return Array.from(bytes, (byte) => alphabet.charAt(byte % alphabet.length)).join("");
}

/** Queue names and schedule ids hold letters, digits, `-`, `.` and `_`; others are refused with 400. */
export function requireName(name: string, what: string): string {
  if (namePattern.test(name)) return name;
  throw new Refusal(400, `${what} can only contain alphanumeric characters, '-', '.' and '_'`);
}
