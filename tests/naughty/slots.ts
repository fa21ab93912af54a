import type * as z from "zod";
import { type Endpoint, exampleBody, queries } from "../support/endpoints.ts";
import { bodyWith, type Field, fieldsOf } from "./fields.ts";
import { type Schema, schemaOf } from "./json_schema.ts";

/** A request before it is sent. */
export interface Asked {
  /** Into the path, by name, as they stand there. Names that are missing get what the route wants. */
  params: Record<string, string>;
  query: string;
  headers: [name: string, value: string][];
  body?: unknown;
}

/** A place in the requests of a route where a text can be put. */
export interface Slot {
  name: string;
  put(asked: Asked, text: string): Asked;
  /** Where it is a place in the body. */
  field?: Field;
}

/** Every header that the API reads, or that something between a caller and the API does. */
export const headerNames = [
  "authorization",
  "if-match",
  "if-none-match",
  "idempotency-key",
  "x-request-id",
  "traceparent",
  "tracestate",
  "prefer",
  "accept",
  "accept-encoding",
  "content-type",
  "user-agent",
  "origin",
  "x-forwarded-for",
  "range",
  "cookie",
];

/** Makes an example one that the caller can send, again and again. */
export type Mine = (endpoint: Endpoint, example: unknown) => unknown;

/** Every place of a route but its headers. */
export function slotsOf(endpoint: Endpoint, all: Endpoint[], mine: Mine): Slot[] {
  return [
    ...bodySlots(endpoint, all, mine),
    ...[...endpoint.path.matchAll(/:(\w+)/g)].flatMap(([, name = ""]) => pathSlots(name)),
    ...querySlots(endpoint),
  ];
}

/** One header of a route: the usual ones and those that its documentation names. */
export function headerSlotsOf({ doc }: Endpoint): Slot[] {
  const own = (doc?.headers ?? []).map((name) => name.replace("?", "").toLowerCase());
  return [...new Set([...headerNames, ...own])].map((name) => ({
    name: `header ${name}`,
    put: (asked, text) => ({
      ...asked,
      headers: [...asked.headers.filter(([other]) => other !== name), [name, headerText(text)]],
    }),
  }));
}

/** The bytes of UTF-8, one character each, less those that no header can hold: raw sockets send these. */
function headerText(text: string): string {
  const bytes = new TextEncoder().encode(text);
  return String.fromCharCode(...bytes.filter((byte) => ![0, 10, 13].includes(byte)));
}

function bodySlots(endpoint: Endpoint, all: Endpoint[], mine: Mine): Slot[] {
  const shape = shapeOf(endpoint, all);
  if (shape === undefined) return [];
  return fieldsOf(shape.schema, shape.example).map((field): Slot => ({
    name: `body ${field.path.join(".")}${field.as === "name" ? " (a name)" : ""}`,
    field,
    put(asked, text) {
      const body = bodyWith(mine(endpoint, shape.example), field, text);
      return { ...asked, body: shape.isPatch ? partOf(body, field.path[0] ?? text) : body };
    },
  }));
}

interface Shape {
  schema: Schema;
  example: unknown;
  isPatch: boolean;
}

/** A merge patch takes anything by its own schema; what makes the resource tells of its fields. */
function shapeOf(endpoint: Endpoint, all: Endpoint[]): Shape | undefined {
  const check = checkOf(endpoint, "json");
  if (check === undefined) return;
  const shape = { schema: schemaOf(check), example: exampleBody(endpoint), isPatch: false };
  if (endpoint.method !== "PATCH" || shape.schema.properties !== undefined) return shape;
  const makes = [`PUT ${endpoint.path}`, `POST ${endpoint.path.replace(/\/:\w+$/, "")}`];
  const maker = all.find(({ route }) => makes.includes(route)) ?? endpoint;
  const made = maker === endpoint ? undefined : shapeOf(maker, all);
  return made === undefined ? shape : { ...made, isPatch: true };
}

function partOf(body: unknown, name: string | number): unknown {
  return Object.fromEntries(Object.entries(body as object).filter(([own]) => own === String(name)));
}

function pathSlots(name: string): Slot[] {
  const put = (encode: (text: string) => string): Slot["put"] => (asked, text) => ({
    ...asked,
    params: { ...asked.params, [name]: encode(text) },
  });
  return [
    { name: `path ${name}`, put: put(encoded) },
    { name: `path ${name} as it is`, put: put(asItIs) },
  ];
}

function querySlots(endpoint: Endpoint): Slot[] {
  const check = checkOf(endpoint, "query") ?? endpoint.doc?.query;
  const names = check === undefined ? [] : Object.keys(schemaOf(check).properties ?? {});
  // Outside of the API proper a query is nobody's, and not even looked at.
  if (names.length === 0 && !endpoint.path.startsWith("/v1/")) return [];
  const put = (pair: (text: string) => string, name?: string): Slot["put"] => (asked, text) => {
    const given = new URLSearchParams(queries[endpoint.route] ?? "");
    if (name !== undefined) given.delete(name);
    return { ...asked, query: [String(given), pair(text)].filter(Boolean).join("&") };
  };
  return [
    ...names.flatMap((name): Slot[] => [
      { name: `query ${name}`, put: put((text) => `${name}=${encoded(text)}`, name) },
      { name: `query ${name} as it is`, put: put((text) => `${name}=${asItIs(text)}`, name) },
      {
        name: `query ${name} twice`,
        put: put((text) => `${name}=1&${name}=${encoded(text)}`, name),
      },
    ]),
    { name: "query of another name", put: put((text) => `${encoded(text)}=1`) },
    { name: "query as it is", put: put(asItIs) },
  ];
}

function checkOf({ checks }: Endpoint, wanted: string): z.ZodType | undefined {
  return checks.find(({ target }) => target === wanted)?.schema;
}

function encoded(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

/** Percent signs stay, so that the text's own escapes are read as such. */
function asItIs(text: string): string {
  return encodeURI(text.toWellFormed()).replaceAll("%25", "%").replaceAll("#", "%23");
}
