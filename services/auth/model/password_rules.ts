import { commonPasswords } from "./common_passwords.ts";

const lengthMin = 8;
const lengthMax = 128;
// What is left of a password once the person's own words are taken out of it.
const ownLettersMin = 4;
const editsMax = 2;

/** The form in which passwords are compared and hashed: what looks the same is the same (NIST SP 800-63B). */
export function normalisePassword(password: string): string {
  return password.normalize("NFKC");
}

/** Whether a normalised password is longer than any that can have been set. Characters, not bytes. */
export function isTooLong(password: string): boolean {
  return [...password].length > lengthMax;
}

/** Why a normalised password is refused, as a sentence for people; undefined where it is good enough. */
export function weaknessOf(
  password: string,
  person: { email: string; name: string },
): string | undefined {
  if ([...password].length < lengthMin) return `Use at least ${lengthMin} characters.`;
  if (isPattern(password)) return "Do not use a row of the keyboard or one part over and over.";
  if (isCommon(password)) return "Many people use this password.";
  if (isClose(password, person)) return "It is too close to your name or your e-mail address.";
  return undefined;
}

const substitutes: Record<string, string> = {
  "0": "o",
  "1": "i",
  "3": "e",
  "4": "a",
  "5": "s",
  "7": "t",
  "@": "a",
  "$": "s",
  "!": "i",
};

function isCommon(password: string): boolean {
  const lower = password.toLowerCase();
  const stem = lower.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, "");
  const forms = [lower, stem, spellOut(lower), spellOut(lower.replace(/[\d\W_]+$/, ""))];
  return forms.some((form) => commonPasswords.has(form));
}

function spellOut(text: string): string {
  return text.replace(/[013457@$!]/g, (char) => substitutes[char] ?? char);
}

const rows = ["01234567890", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm"];
const sequences = rows.flatMap((row) => [row, [...row].reverse().join("")]);

/** All of one character, a part of up to four repeated, or nothing but steps along a row of keys. */
function isPattern(password: string): boolean {
  const lower = password.toLowerCase();
  if (/^(.{1,4}?)\1+$/su.test(lower)) return true;
  let steps = 0;
  for (let at = 1; at < lower.length; at++) {
    const pair = lower.slice(at - 1, at + 1);
    if (pair[0] === pair[1] || sequences.some((row) => row.includes(pair))) steps++;
  }
  // Three rows joined make two breaks: `qwe123asd` is one, `correcthorse` is none.
  return steps >= (lower.length - 1) * 0.7;
}

/** ASVS 5.0, V6.2.11: words of the context in which the password is used. */
function isClose(password: string, { email, name }: { email: string; name: string }): boolean {
  const letters = lettersOf(password);
  const local = email.slice(0, email.lastIndexOf("@"));
  const whole = [email, local, name].map(lettersOf).filter((word) => word.length >= ownLettersMin);
  if (whole.some((word) => editsBetween(letters, word) <= editsMax)) return true;
  const parts = [email, local, name].flatMap((text) => text.toLowerCase().split(/[^\p{L}\p{N}]+/u));
  const words = [...whole, ...parts].filter((word) => word.length >= ownLettersMin)
    .sort((a, b) => b.length - a.length);
  const rest = words.reduce((text, word) => text.replaceAll(word, ""), letters);
  return rest.length < letters.length && rest.replace(/\d/g, "").length < ownLettersMin;
}

function lettersOf(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
}

/** Levenshtein's distance, one row at a time. */
function editsBetween(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > editsMax) return editsMax + 1;
  let above = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (above[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(change, (above[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    above = row;
  }
  return above[b.length] ?? 0;
}
