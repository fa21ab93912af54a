const lengthMax = 300;
// A message is bounded before it is searched, so that a megabyte of quoted text costs no more than a sentence.
const readMax = 2_000;

/**
 * A message without the values in it, so that occurrences of one error read alike and nothing of anybody's is kept:
 * what is quoted or in the parentheses of a Postgres detail, addresses of mails and pages, every word with a digit in
 * it, and a lone word behind a last colon. Quotes are cut from the first to the last, since what is quoted may hold
 * quotes itself; a sentence too many is lost rather than a name kept.
 */
export function scrub(message: string): string {
  return message.slice(0, readMax)
    .replace(/[\p{Cc}\p{Cs}\s]+/gu, " ")
    .replace(/"[^]*"|"[^]*$/, "…")
    .replace(/`[^]*`|`[^]*$/, "…")
    .replace(/[“«„][^]*[”»“]|[“«„][^]*$/, "…")
    .replace(/(?<![\p{L}\p{N}])'[^]*'|(?<![\p{L}\p{N}])'[^]*$/u, "…")
    .replace(/=\s*\([^]*\)|=\s*\([^]*$/, "=(…)")
    .replace(/\b[a-z][a-z0-9+.-]*:\/\/\S+/gi, "<url>")
    .replace(/[^\s@<>()]+@[^\s@<>()]+/g, "<email>")
    .replace(/[\p{L}\p{N}_.:-]*\p{N}[\p{L}\p{N}_.:-]*/gu, "#")
    .replace(/:\s+\S+\s*$/, ": …")
    .trim()
    .slice(0, lengthMax);
}

/** Text without what would make Postgres refuse a whole batch: control characters, and halves of surrogate pairs. */
export function plain(text: string, sizeMax: number): string {
  return text.replace(/[\p{Cc}\p{Cs}]+/gu, " ").slice(0, sizeMax).replace(/\p{Cs}$/u, "");
}
