/** Finds functions with a block body by their brackets, for figures where no syntax tree is at hand. */
import { codeLinesOf, lineAt, mask } from "./mask.ts";

/** A function with a block body. `codeLines` counts from its parameters to its closing brace. */
export interface FunctionSpan {
  firstLine: number;
  lastLine: number;
  codeLines: number;
}

interface Token {
  text: string;
  at: number;
}

interface Brackets {
  tokens: Token[];
  /** Index of the closing bracket by the index of its opening one. */
  closing: Map<number, number>;
}

const CONTROL = new Set(["if", "for", "while", "switch", "catch", "with", "await"]);
const TYPE_GOES_ON = new Set(
  [":", "|", "&", "<", ",", "(", "[", "=>", "?", "is", "extends", "keyof", "readonly", "asserts"],
);
const TYPE_ENDS = new Set([";", ")", "}", "]", "=", "`"]);

/** Every function of a file that has a block body, in the order of their parameters. */
export function functionsOf(text: string): FunctionSpan[] {
  const brackets = readBrackets(mask(text, "comment", "string", "template", "regex"));
  const { tokens, closing } = brackets;
  const spans: FunctionSpan[] = [];
  for (const [open, close] of [...closing].sort(([a], [b]) => a - b)) {
    if (tokens[open]?.text !== "(") continue;
    const body = bodyAfter(brackets, open, close);
    const last = body === null ? undefined : tokens[closing.get(body) ?? -1];
    const first = tokens[open];
    if (last !== undefined) spans.push(spanOf(text, first.at, last.at + 1));
  }
  return spans;
}

function spanOf(text: string, start: number, end: number): FunctionSpan {
  const codeLines = codeLinesOf(text.slice(start, end));
  return { firstLine: lineAt(text, start), lastLine: lineAt(text, end), codeLines };
}

function readBrackets(code: string): Brackets {
  const tokens = [...code.matchAll(/[\w$]+|=>|\S/g)].map(({ 0: text, index: at }) => ({
    text,
    at,
  }));
  const closing = new Map<number, number>();
  const open: number[] = [];
  tokens.forEach(({ text }, index) => {
    if ("([{".includes(text)) open.push(index);
    if (!")]}".includes(text)) return;
    const from = open.pop();
    if (from !== undefined) closing.set(from, index);
  });
  return { tokens, closing };
}

/** Index of the `{` that opens a body after these parentheses, if they hold a function's parameters. */
function bodyAfter({ tokens, closing }: Brackets, open: number, close: number): number | null {
  if (CONTROL.has(tokens[open - 1]?.text ?? "")) return null;
  let at = close + 1;
  if (tokens[at]?.text === ":") at = afterType({ tokens, closing }, at + 1) ?? -1;
  if (tokens[at]?.text === "=>") at++;
  return tokens[at]?.text === "{" ? at : null;
}

/** Skips a return type: to the `=>` of an arrow function, the `{` of a body, or null for neither. */
function afterType({ tokens, closing }: Brackets, from: number): number | null {
  let angles = 0;
  for (let at = from; at < tokens.length; at++) {
    const text = tokens[at]?.text ?? "";
    const goesOn = TYPE_GOES_ON.has(tokens[at - 1]?.text ?? "");
    if (text === "<") angles++;
    if (text === ">") angles--;
    if (TYPE_ENDS.has(text) || (text === "," && angles === 0)) return null;
    if (text === "=>" || (text === "{" && !goesOn)) return at;
    if (!"([{".includes(text)) continue;
    at = closing.get(at) ?? tokens.length;
    // Parentheses where a type begins, followed by an arrow, are a function type.
    if (goesOn && tokens[at + 1]?.text === "=>") at++;
  }
  return null;
}
