import type { RouteDoc } from "../http/describe.ts";
import type { Json, SchemaBook } from "../http/json_schema.ts";
import type { Checked } from "../http/validate.ts";
import { exampleOf } from "./examples.ts";
import { headerParameter } from "./headers.ts";

/** Schemas of path parameters by name, for the routes that check one by hand. */
export type KnownParameters = Record<string, Json>;

/** Every parameter of a route, with an example of each. */
export function parametersOf(
  book: SchemaBook,
  route: string,
  doc: RouteDoc,
  checks: Checked[],
  known: KnownParameters,
): Json[] {
  const [method = "", path = ""] = route.split(" ");
  const byHand: Checked[] = doc.query ? [{ target: "query", schema: doc.query }] : [];
  const checked = [...checks, ...byHand].flatMap((check) => checkedParameters(book, check));
  const named = new Set(checked.map(({ name }) => name));
  const unchecked = [...path.matchAll(/:(\w+)/g)].map(([, name = ""]) => name)
    .filter((name) => !named.has(name))
    .map((name) => pathParameter(name, known[name] ?? { type: "string" }));
  const names = [...doc.headers ?? [], ...(doc.idempotent ? ["Idempotency-Key"] : [])];
  const headers = names.map((name) => headerParameter(name, method));
  return [...checked, ...unchecked, ...headers].map((parameter) => {
    const example = exampleOf(parameter.schema as Json, book.named(), String(parameter.name));
    return { ...parameter, example };
  });
}

/** The path parameters that some route checks, by name. */
export function knownParameters(book: SchemaBook, routes: Iterable<Checked[]>): KnownParameters {
  const params = [...routes].flat().filter(({ target }) => target === "param");
  return Object.fromEntries(
    params.flatMap((check) => checkedParameters(book, check))
      .map(({ name, schema }) => [String(name), schema as Json]),
  );
}

function checkedParameters(book: SchemaBook, { target, schema }: Checked): Json[] {
  if (target !== "query" && target !== "param") return [];
  const { properties = {}, required = [] } = book.schemaOf(schema, "input") as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, property]) => {
    if (target === "param") return pathParameter(name, property);
    const { description, ...schema } = property;
    return {
      name,
      in: "query",
      required: required.includes(name),
      ...(description ? { description } : {}),
      schema,
    };
  });
}

function pathParameter(name: string, schema: Json): Json {
  return { name, in: "path", required: true, schema };
}
