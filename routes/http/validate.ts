import { zValidator } from "@hono/zod-validator";
import type { Context, MiddlewareHandler } from "hono";
import type { z } from "zod";
import { fail } from "../../lib/errors.ts";
import { fieldErrorsOf } from "../../lib/field_errors.ts";
import { readJsonText } from "./read_body.ts";

/** Where a validator looks, as OpenAPI needs to know. */
export interface Checked {
  target: "json" | "query" | "param" | "header";
  schema: z.ZodType;
}

const checked = new WeakMap<object, Checked>();

/** What a handler in the route table validates; undefined for one that does not. */
export function checkedBy(handler: unknown): Checked | undefined {
  return checked.get(handler as object);
}

/** Takes a JSON body: strict UTF-8, bounded in size and depth, then `schema`. */
export function body<S extends z.ZodType>(schema: S, sizeMaxBytes = 1_000_000) {
  const validator = zValidator("json", schema, refuse, synchronous);
  // The body is read and checked here, and left where Hono's own `json()` finds it: as a promise, whatever its type says.
  const strict = async (c: Context, next: () => Promise<void>) => {
    const text = await readJsonText(c.req.raw, sizeMaxBytes);
    c.req.bodyCache.text = Promise.resolve(text) as never;
    return await validator(c as never, next);
  };
  return tagged(strict as unknown as typeof validator, "json", schema);
}

/** Takes the query; a parameter that is not in `schema` is refused. */
export function query<S extends z.ZodType>(schema: S) {
  return tagged(zValidator("query", schema, refuse, synchronous), "query", schema);
}

/** Takes the path's parameters. A malformed id is answered like an unknown one: 404. */
export function param<S extends z.ZodType>(schema: S) {
  return tagged(zValidator("param", schema, refuse, synchronous), "param", schema);
}

// Zod's fast path runs only in the synchronous parse, which is three times quicker.
const synchronous = {
  validationFunction: (schema: unknown, value: unknown) => (schema as z.ZodType).safeParse(value),
} as never;

function tagged<H extends MiddlewareHandler>(
  handler: H,
  target: Checked["target"],
  schema: z.ZodType,
): H {
  checked.set(handler, { target, schema });
  return handler;
}

interface Outcome {
  success: boolean;
  target: string;
  error?: { issues: { path: PropertyKey[]; message: string; code?: string; keys?: string[] }[] };
}

// The answer's shape is the validator's business; only a failed check is ours.
function refuse(outcome: Outcome): undefined {
  if (outcome.success) return;
  const issues = outcome.error?.issues ?? [];
  if (outcome.target === "param" && issues.some(({ path }) => /(^id$|Id$)/.test(String(path[0])))) {
    fail("not_found");
  }
  fail("invalid_request", { errors: fieldErrorsOf(issues).slice(0, 20) });
}
