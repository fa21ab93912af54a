/**
 * Tells code from comments and literals without a parser: enough to count lines and to find words
 * that stand in code, in a fraction of a millisecond a file. Where a syntax tree is needed, the lint
 * plugin has one; a test holds this reading against that tree.
 */

export type LiteralKind = "comment" | "string" | "template" | "regex";

/** A stretch of text that is not code; `end` is the offset after its last character. */
export interface Literal {
  kind: LiteralKind;
  start: number;
  end: number;
}

const OPENING =
  /\/\/[^\n]*|\/\*[\s\S]*?\*\/|"(?:\\[\s\S]|[^"\\\n])*"|'(?:\\[\s\S]|[^'\\\n])*'|[`{}/]/g;
const TEMPLATE_CHUNK = /(?:\\[\s\S]|\$(?!\{)|[^`\\$]+)*(?:`|\$\{|$)/y;
const REGEX = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/[a-z]*/y;
const VALUE_BEFORE = /(?:[\w$)\]"'`]|\+\+|--)\s*$/;
const KEYWORD_BEFORE =
  /\b(?:return|typeof|case|in|of|delete|void|throw|new|else|do|await|yield)\s*$/;

/** Finds every comment, string, template chunk and regular expression, in order. */
export function literalsOf(text: string): Literal[] {
  const literals: Literal[] = [];
  const openBraces: Array<"block" | "template"> = [];
  let at = 0;
  for (let token = nextToken(text, at); token !== null; token = nextToken(text, at)) {
    at = token.start + token.text.length;
    if (token.text === "{") openBraces.push("block");
    const kind = kindOf(text, token, openBraces);
    if (kind === null) continue;
    const end = endOf(text, token, kind);
    if (kind === "template" && text.endsWith("${", end)) openBraces.push("template");
    literals.push({ kind, start: token.start, end });
    at = end;
  }
  return literals;
}

/** The same text, line for line, with the named kinds blanked; the marks that open and close a literal stay. */
export function mask(text: string, ...kinds: LiteralKind[]): string {
  let masked = "";
  let at = 0;
  for (const { kind, start, end } of literalsOf(text)) {
    if (!kinds.includes(kind)) continue;
    masked += text.slice(at, start) + blank(text.slice(start, end), kind === "comment");
    at = end;
  }
  return masked + text.slice(at);
}

/** The same text, line for line, with everything blanked but the named kinds. */
export function only(text: string, ...kinds: LiteralKind[]): string {
  let kept = "";
  let at = 0;
  for (const { kind, start, end } of literalsOf(text)) {
    if (!kinds.includes(kind)) continue;
    kept += blank(text.slice(at, start), true) + text.slice(start, end);
    at = end;
  }
  return kept;
}

/** Lines that hold code: neither blank nor comment only. */
export function codeLinesOf(text: string): number {
  return filledLines(mask(text, "comment"));
}

/** Lines that hold a comment and no code. */
export function commentLinesOf(text: string): number {
  return filledLines(text) - codeLinesOf(text);
}

/** The line, counted from 1, on which an offset stands. */
export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf("\n"); at !== -1 && at < offset; at = text.indexOf("\n", at + 1)) {
    line++;
  }
  return line;
}

interface Token {
  text: string;
  start: number;
}

function nextToken(text: string, from: number): Token | null {
  OPENING.lastIndex = from;
  const match = OPENING.exec(text);
  return match === null ? null : { text: match[0], start: match.index };
}

/** What a token opens; a closing brace goes on with the template whose `${` it ends. */
function kindOf(text: string, token: Token, openBraces: string[]): LiteralKind | null {
  if (token.text.startsWith("//") || token.text.startsWith("/*")) return "comment";
  if (token.text === "/") return regexMayStart(text, token.start) ? "regex" : null;
  if (token.text === "{") return null;
  if (token.text === "}") return openBraces.pop() === "template" ? "template" : null;
  return token.text === "`" ? "template" : "string";
}

function endOf(text: string, token: Token, kind: LiteralKind): number {
  const pattern = kind === "template" ? TEMPLATE_CHUNK : kind === "regex" ? REGEX : null;
  if (pattern === null) return token.start + token.text.length;
  pattern.lastIndex = kind === "template" ? token.start + 1 : token.start;
  pattern.exec(text);
  return pattern.lastIndex;
}

/** A slash after a value divides; after an operator, a keyword or nothing it opens an expression. */
function regexMayStart(text: string, start: number): boolean {
  const before = text.slice(Math.max(0, start - 40), start);
  if (VALUE_BEFORE.test(before) && !KEYWORD_BEFORE.test(before)) return false;
  REGEX.lastIndex = start;
  return REGEX.test(text);
}

function blank(literal: string, wholly: boolean): string {
  const empty = literal.replace(/[^\n]/g, " ");
  return wholly ? empty : literal[0] + empty.slice(1, -1) + literal.at(-1);
}

function filledLines(text: string): number {
  return text.split("\n").filter((line) => line.trim() !== "").length;
}
