/** An OpenAPI document as the fuzzer and the tests read it. Nothing here knows a route by name. */
import { dereference, type OutputUnit, type Schema, validate } from "@cfworker/json-schema";

export type Json = Record<string, unknown>;

export interface Parameter {
  name: string;
  in: "path" | "query" | "header";
  required: boolean;
  schema: Json;
  example?: unknown;
}

export interface Content {
  schema?: Json;
  example?: unknown;
  examples?: Record<string, { value: unknown }>;
}

export interface Answer {
  description: string;
  headers: Record<string, { required?: boolean; schema: Json }>;
  content?: Record<string, Content>;
}

export interface Operation {
  /** `GET /v1/plans/{id}`. */
  name: string;
  id: string;
  method: string;
  path: string;
  isOpen: boolean;
  permission?: string;
  parameters: Parameter[];
  body?: Content;
  answers: Record<string, Answer>;
}

export interface ApiDocument {
  operations: Operation[];
  /** The schema that a reference leads to, or the schema itself. */
  resolve(schema: Json): Json;
  /** What is wrong with a value, each as `place: what`; nothing where it fits. */
  misfits(schema: Json, value: unknown): string[];
}

export function readDocument(document: Json): ApiDocument {
  const resolve = <T>(node: T): T => {
    const reference = (node as { $ref?: string }).$ref;
    if (reference === undefined) return node;
    const steps = reference.slice(2).split("/");
    return resolve(steps.reduce((at, step) => at[step] as Json, document) as T);
  };
  const paths = document.paths as Record<string, Record<string, RawOperation>>;
  return {
    operations: Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, raw]) => readOperation(path, method, raw, resolve))
    ),
    resolve,
    misfits: createCheck(document),
  };
}

interface RawOperation {
  operationId: string;
  security: unknown[];
  "x-permission"?: string;
  parameters: Parameter[];
  requestBody?: { content: Record<string, Content> };
  responses: Record<string, Answer>;
}

function readOperation(
  path: string,
  method: string,
  raw: RawOperation,
  resolve: <T>(node: T) => T,
): Operation {
  const answers = Object.entries(raw.responses).map(([status, given]) => {
    const answer = resolve(given);
    const headers = Object.entries(answer.headers ?? {}).map((
      [name, header],
    ) => [name.toLowerCase(), resolve(header)]);
    return [status, { ...answer, headers: Object.fromEntries(headers) }];
  });
  return {
    name: `${method.toUpperCase()} ${path}`,
    id: raw.operationId,
    method: method.toUpperCase(),
    path,
    isOpen: raw.security.length === 0,
    permission: raw["x-permission"],
    parameters: raw.parameters.map(resolve),
    body: raw.requestBody?.content["application/json"],
    answers: Object.fromEntries(answers),
  };
}

function createCheck(document: Json): ApiDocument["misfits"] {
  // The checker writes notes into the schemas that it reads, and would read examples as schemas: it gets a copy of its own.
  const copies = new Map<unknown, Schema>();
  const { paths, components } = document;
  const lookup = dereference(copyOf({ paths, components }, "", copies) as Schema);
  return (schema, value) => {
    const known = copies.get(schema) ?? schema;
    const { valid, errors } = validate(value, known, "2020-12", lookup, false);
    return valid
      ? []
      : errors.filter(isTelling).map(({ instanceLocation, error }) =>
        `${instanceLocation}: ${error}`
      );
  };
}

const notSchemas = new Set(["example", "examples", "default"]);

/** A copy without examples. `parent` tells a keyword from a field of that name. */
function copyOf(value: unknown, parent: string, copies: Map<unknown, Schema>): unknown {
  if (typeof value !== "object" || value === null) return value;
  // The checker goes into arrays of schemas alone; a list of parameters is an object to it.
  const isList = Array.isArray(value) && parent !== "parameters";
  if (isList) return value.map((item) => copyOf(item, "", copies));
  const kept = Object.entries(value).filter(([key]) =>
    parent === "properties" || !notSchemas.has(key)
  );
  const copy = Object.fromEntries(kept.map(([key, inner]) => [key, copyOf(inner, key, copies)]));
  copies.set(value, copy as Schema);
  return copy;
}

/** Errors that only say that something further down is wrong are left out. */
function isTelling({ keyword }: OutputUnit): boolean {
  return !["properties", "items", "$ref", "allOf", "prefixItems"].includes(keyword);
}
