/** Requests before they are made: which operation, by whom, and with what; ids are chosen when it is known which there are. */
import fc from "fast-check";
import { type Body, brokenBody, exampleBody, fittingBody } from "./bodies.ts";
import type { ApiDocument, Operation, Parameter } from "./document.ts";
import { nastyAuthorizations, nastyHeaders, nastyTexts } from "./nasty.ts";
import { valuesFor } from "./values.ts";

export type Actor = "first" | "second" | "staff" | "nobody";

/** What stands in a place of the path: something learnt from earlier answers, or a text. */
export type PathChoice =
  | { from: "own" | "foreign" | "gone"; pick: number }
  | { from: "text"; text: string };

export interface Plan {
  operation: Operation;
  actor: Actor;
  /** Nothing about it is wrong on purpose. */
  isFitting: boolean;
  path: Record<string, PathChoice>;
  query: [name: string, value: string][];
  headers: Record<string, string>;
  body?: Body;
}

/** Everything as the document wants it; what a person made before is what it is about. */
export function fittingPlan(
  api: ApiDocument,
  operation: Operation,
  actor: Actor,
  from: "own" | "foreign" | "gone" = "own",
): fc.Arbitrary<Plan> {
  const { body } = operation;
  // Whoever asks for what is somebody else's asks flawlessly, so that nothing but that is left to refuse.
  const bodies = body && (from === "own" ? fittingBody(api, body) : fc.constant(exampleBody(body)));
  return fc.record({
    operation: fc.constant(operation),
    actor: fc.constant(actor),
    isFitting: fc.constant(true),
    path: pathOf(api, operation, fc.nat(3).map((pick) => ({ from, pick }))),
    query: from === "own" ? fittingQuery(api, operation) : fc.constant(requiredQuery(operation)),
    headers: fc.constant(requiredHeaders(operation)),
    ...(bodies ? { body: bodies } : {}),
  });
}

/** Something about it is wrong, or everything. */
export function brokenPlan(api: ApiDocument, operation: Operation): fc.Arbitrary<Plan> {
  const { body } = operation;
  const pathChoice: fc.Arbitrary<PathChoice> = fc.oneof(
    { weight: 3, arbitrary: fc.nat(3).map((pick) => ({ from: "own" as const, pick })) },
    { weight: 2, arbitrary: fc.constantFrom(...nastyTexts, "null", "1", "..").map(asText) },
    { weight: 1, arbitrary: fc.uuid().map(asText) },
  );
  const rubbish = fc.constantFrom(...Object.keys(nastyHeaders)).chain((name) =>
    fc.constantFrom(...nastyHeaders[name] ?? []).map((value) => ({ [name]: value }))
  );
  const authorization = fc.constantFrom(...nastyAuthorizations).map((text) => ({
    authorization: text,
  }));
  return fc.record({
    operation: fc.constant(operation),
    actor: fc.constantFrom<Actor>("first", "first", "first", "second", "staff", "nobody"),
    isFitting: fc.constant(false),
    path: pathOf(api, operation, pathChoice),
    query: fc.oneof(fittingQuery(api, operation), brokenQuery(operation)),
    headers: fc.oneof(
      { weight: 3, arbitrary: fc.constant(requiredHeaders(operation)) },
      { weight: 3, arbitrary: rubbish.map((own) => ({ ...requiredHeaders(operation), ...own })) },
      { weight: 1, arbitrary: fc.constant({}) },
      { weight: 1, arbitrary: authorization },
    ),
    ...(body ? { body: fc.oneof(fittingBody(api, body), brokenBody(api, body)) } : {}),
  });
}

const asText = (text: string): PathChoice => ({ from: "text", text });

/** Whether a place in a path holds the id of something that a person has. */
export function isId({ in: place, schema }: Parameter): boolean {
  return place === "path" && schema.format === "uuid";
}

function pathOf(
  api: ApiDocument,
  { parameters }: Operation,
  idChoice: fc.Arbitrary<PathChoice>,
): fc.Arbitrary<Record<string, PathChoice>> {
  const places = parameters.filter((parameter) => parameter.in === "path");
  return fc.record(
    Object.fromEntries(places.map((parameter) => {
      if (isId(parameter)) return [parameter.name, idChoice];
      const example = fc.constant(String(parameter.example));
      const values = valuesFor(api, parameter.schema).map(String);
      const texts = fc.oneof({ weight: 3, arbitrary: example }, { weight: 1, arbitrary: values });
      return [parameter.name, texts.map(asText)];
    })),
  );
}

type Query = Plan["query"];

function fittingQuery(api: ApiDocument, { parameters }: Operation): fc.Arbitrary<Query> {
  const known = parameters.filter((parameter) => parameter.in === "query");
  const pairs = known.map((parameter) => {
    const values = valuesFor(api, parameter.schema).map(String);
    const value = fc.oneof(fc.constant(String(parameter.example)), values)
      .map((text): Query => [[parameter.name, text]]);
    return parameter.required ? value : fc.oneof(fc.constant<Query>([]), value);
  });
  return fc.tuple(...pairs).map((chosen) => chosen.flat());
}

function requiredQuery({ parameters }: Operation): Query {
  return parameters.filter(({ in: place, required }) => place === "query" && required)
    .map(({ name, example }) => [name, String(example)]);
}

function brokenQuery({ parameters }: Operation): fc.Arbitrary<Query> {
  const names = parameters.filter((parameter) => parameter.in === "query").map(({ name }) => name);
  const name = fc.constantFrom(...names, "unexpected", "__proto__", "limit", "cursor");
  const value = fc.constantFrom(...nastyTexts, "0", "-1", "101", "1000000000000000000000");
  return fc.array(fc.tuple(name, value), { minLength: 1, maxLength: 3 });
}

function requiredHeaders({ parameters }: Operation): Record<string, string> {
  const needed = parameters.filter(({ in: place, required }) => place === "header" && required);
  return Object.fromEntries(needed.map(({ name }) => [name.toLowerCase(), "*"]));
}
