/** `Upstash-Retry-Delay`: a formula in milliseconds, read once and computed before each retry. */

export type DelayExpression = (retried: number) => number;

interface Call {
  arity: number;
  compute: (...values: number[]) => number;
}

const calls = new Map<string, Call>([
  ["pow", { arity: 2, compute: Math.pow }],
  ["min", { arity: 2, compute: Math.min }],
  ["max", { arity: 2, compute: Math.max }],
  ["sqrt", { arity: 1, compute: Math.sqrt }],
  ["abs", { arity: 1, compute: Math.abs }],
  ["exp", { arity: 1, compute: Math.exp }],
  ["floor", { arity: 1, compute: Math.floor }],
  ["ceil", { arity: 1, compute: Math.ceil }],
  ["round", { arity: 1, compute: Math.round }],
]);

const operators = new Map<string, (left: number, right: number) => number>([
  ["+", (left, right) => left + right],
  ["-", (left, right) => left - right],
  ["*", (left, right) => left * right],
  ["/", (left, right) => left / right],
  ["%", (left, right) => left % right],
]);

/**
 * Reads a formula over `retried` with numbers, `+ - * / %`, parentheses and the documented functions.
 * Throws a SyntaxError that names the place.
 */
export function parseDelayExpression(text: string): DelayExpression {
  const tokens = tokenize(text);
  const parsed = readSum(tokens);
  if (tokens.length > 0) throw new SyntaxError(`unexpected '${tokens[0]}'`);
  return parsed;
}

function tokenize(text: string): string[] {
  const tokens = [...text.matchAll(/\s*(\d+(?:\.\d+)?|[a-z]+|[-+*/%(),])\s*/giy)];
  const readLength = tokens.reduce((sum, [whole]) => sum + whole.length, 0);
  if (readLength < text.length) throw new SyntaxError(`unexpected '${text.charAt(readLength)}'`);
  return tokens.map(([, token]) => token ?? "");
}

function readSum(tokens: string[]): DelayExpression {
  return readChain(tokens, ["+", "-"], readProduct);
}

function readProduct(tokens: string[]): DelayExpression {
  return readChain(tokens, ["*", "/", "%"], readFactor);
}

function readChain(
  tokens: string[],
  signs: string[],
  readPart: (tokens: string[]) => DelayExpression,
): DelayExpression {
  let left = readPart(tokens);
  while (signs.includes(tokens[0] ?? "")) {
    const operator = operators.get(tokens.shift() ?? "");
    if (operator === undefined) break;
    const before = left;
    const right = readPart(tokens);
    left = (retried) => operator(before(retried), right(retried));
  }
  return left;
}

function readFactor(tokens: string[]): DelayExpression {
  const token = tokens.shift();
  if (token === undefined) throw new SyntaxError("unexpected end");
  if (token === "-") {
    const factor = readFactor(tokens);
    return (retried) => -factor(retried);
  }
  if (token === "(") {
    const inner = readSum(tokens);
    take(tokens, ")");
    return inner;
  }
  if (/^\d/.test(token)) return () => Number(token);
  if (token === "retried") return (retried) => retried;
  return readCall(token, tokens);
}

function readCall(name: string, tokens: string[]): DelayExpression {
  const call = calls.get(name);
  if (call === undefined) throw new SyntaxError(`unknown '${name}'`);
  take(tokens, "(");
  const values = [readSum(tokens)];
  while (values.length < call.arity) {
    take(tokens, ",");
    values.push(readSum(tokens));
  }
  take(tokens, ")");
  return (retried) => call.compute(...values.map((value) => value(retried)));
}

function take(tokens: string[], expected: string) {
  const token = tokens.shift();
  if (token !== expected) {
    throw new SyntaxError(`expected '${expected}', found '${token ?? "end"}'`);
  }
}
