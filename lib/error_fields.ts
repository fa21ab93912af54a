import { Failure } from "./errors.ts";

/** An error as a log shows it. */
export type ErrorFields = Record<string, unknown>;

// A chain of causes may be a circle.
const causesMax = 5;
const errorsMax = 3;
const stackLinesMax = 7;
// What reads a message takes the square of its length in the worst case.
const messageMax = 2_000;

/** What of an error is printed: its kind, code, message and place, and the same of its causes. No other field. */
export function describeError(error: Error, causesLeft = causesMax): ErrorFields {
  const { name, cause } = error;
  const code = error instanceof Failure ? error.code : (error as { code?: unknown }).code;
  const deeper = cause instanceof Error && causesLeft > 0
    ? describeError(cause, causesLeft - 1)
    : cause;
  return {
    name,
    message: messageOf(error),
    ...(code === undefined ? {} : { code }),
    ...placeInDatabase(error),
    stack: stackOf(error),
    ...(error instanceof AggregateError && causesLeft > 0
      ? { errors: someErrors(error, causesLeft - 1) }
      : {}),
    ...(cause === undefined || causesLeft === 0 ? {} : { cause: deeper }),
  };
}

function someErrors({ errors }: AggregateError, causesLeft: number): unknown[] {
  return errors.slice(0, errorsMax).map((one: unknown) =>
    one instanceof Error ? describeError(one, causesLeft) : one
  );
}

interface DriverError extends Error {
  code: string;
  severity: string;
  table_name?: string;
  column_name?: string;
  constraint_name?: string;
}

/**
 * What Postgres says about an error of a kind whose message names tables, columns and constraints, never what is in
 * them: connections, constraints, transactions, permissions and syntax, resources, state, limits, operators, systems.
 */
const namingClasses = new Set(["08", "23", "25", "40", "42", "53", "54", "55", "57", "58"]);

function isDriverError(error: Error): error is DriverError {
  const { code, severity } = error as Partial<DriverError>;
  return error.name === "PostgresError" ||
    (typeof severity === "string" && typeof code === "string" && /^[0-9A-Z]{5}$/.test(code));
}

function messageOf(error: Error): string {
  const message = String(error.message).slice(0, messageMax);
  if (isDriverError(error)) return driverMessage(message, String(error.code).slice(0, 2));
  // The engine quotes the text that is no JSON.
  if (error.name === "SyntaxError") return withoutQuoted(scrub(message));
  return scrub(message);
}

/** Class 22 is about values, and quotes them; what a function raises may say anything. */
function driverMessage(message: string, codeClass: string): string {
  if (namingClasses.has(codeClass)) return scrub(message);
  return codeClass === "22" ? withoutQuoted(scrub(message)) : "(not shown)";
}

/** Never `detail`, `where`, `hint`, `query` or `parameters`: there the row stands. */
function placeInDatabase(error: Error): ErrorFields {
  if (!isDriverError(error)) return {};
  const { severity, table_name: table, column_name: column, constraint_name: constraint } = error;
  return { severity, table, column, constraint };
}

const framePattern = /^at .{1,500}(:\d+:\d+\)?|<anonymous>\)?|\(native\))$/;

/** The frames alone: the head of a stack repeats the message, which may have several lines. */
function stackOf(error: Error): string[] | undefined {
  const { stack } = error;
  if (typeof stack !== "string") return undefined;
  const message = String(error.message);
  const headEnd = message === "" ? -1 : stack.indexOf(message);
  const frames = headEnd < 0 ? stack : stack.slice(headEnd + message.length);
  return frames.split("\n").map((line) => line.trim()).filter((line) => framePattern.test(line))
    .slice(0, stackLinesMax);
}

const tellTale: [pattern: RegExp, shown: string][] = [
  [/eyJ[\w-]+\.[\w-]+\.[\w-]*/g, "***"],
  [/\b(bearer|basic)\s+[\w.~+/=-]+/gi, "$1 ***"],
  [/\/\/[^/\s@]+@/g, "//***@"],
  [/[^\s@"'<>()=,;:/*]+@[^\s@"'<>()=,;:/]+\.\w+/g, "***"],
  // IBAN (ISO 13616), with or without blanks in fours.
  [/\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b/g, "***"],
];

/** What looks like a token, an address or an account, in text that others have worded. */
function scrub(text: string): string {
  return tellTale.reduce((said, [pattern, shown]) => said.replace(pattern, shown), text);
}

function withoutQuoted(text: string): string {
  return text.replace(/["'«“‘].*["'»”’]/s, '"***"');
}
