/** Bodies: as the document wants them, and in every way in which they can be wrong. */
import fc from "fast-check";
import type { ApiDocument, Content, Json } from "./document.ts";
import { nastyContentTypes, nastyTexts, nastyValue, writeJson } from "./nasty.ts";
import { valuesFor } from "./values.ts";

export interface Body {
  /** Bytes where no text could say it. */
  content: string | Uint8Array<ArrayBuffer>;
  type: string;
}

/** Bodies that fit the schema, as far as it says. */
export function fittingBody(
  api: ApiDocument,
  { schema = {}, example }: Content,
): fc.Arbitrary<Body> {
  const values = valuesFor(api, schema);
  const mixed = example === undefined ? values : fc.oneof(
    fc.constant(example),
    values,
    fc.tuple(values, fc.nat()).map(([value, choice]) => mixture(example, value, choice)),
  );
  return mixed.map((value) => ({ content: writeJson(value), type: "application/json" }));
}

/** The example with some of its fields taken from another value, since what is wholly made up seldom makes sense. */
function mixture(example: unknown, value: unknown, choice: number): unknown {
  if (!isObject(example) || !isObject(value)) return value;
  const taken = Object.entries(value).filter((_, index) => (choice >> (index % 30)) & 1);
  return { ...example, ...Object.fromEntries(taken) };
}

/** The example alone. */
export function exampleBody({ example = {} }: Content): Body {
  return { content: writeJson(example), type: "application/json" };
}

/** Bodies that are wrong: in a value, in their form, in their type, or altogether. */
export function brokenBody(api: ApiDocument, content: Content): fc.Arbitrary<Body> {
  const fitting = content.example === undefined
    ? valuesFor(api, content.schema ?? {})
    : fc.oneof(fc.constant(content.example), valuesFor(api, content.schema ?? {}));
  const breakages = fc.array(breakage, { minLength: 1, maxLength: 3 });
  const values = fc.tuple(fitting, breakages).map(([value, steps]) => ({
    content: writeJson(steps.reduce(broken, value)),
    type: "application/json",
  }));
  const texts = fc.tuple(fitting, fc.constantFrom(...disfigurements)).map(([value, disfigure]) => ({
    content: disfigure(writeJson(value)),
    type: "application/json",
  }));
  const types = fc.tuple(fitting, fc.constantFrom(...nastyContentTypes)).map(([value, type]) => ({
    content: writeJson(value),
    type,
  }));
  return fc.oneof(
    { weight: 6, arbitrary: values },
    { weight: 2, arbitrary: texts },
    { weight: 1, arbitrary: types },
    {
      weight: 1,
      arbitrary: nastyValue.map((value) => ({
        content: writeJson(value),
        type: "application/json",
      })),
    },
  );
}

interface Breakage {
  kind: "replace" | "remove" | "add" | "wrap";
  /** Which place, counted through the whole value. */
  at: number;
  name: string;
  value: unknown;
}

const breakage: fc.Arbitrary<Breakage> = fc.record({
  kind: fc.constantFrom("replace", "replace", "replace", "remove", "add", "wrap"),
  at: fc.nat(200),
  name: fc.constantFrom(
    "unexpected",
    "id",
    "userId",
    "role",
    "__proto__",
    "version",
    ...nastyTexts.slice(0, 12),
  ),
  value: nastyValue,
});

/** A copy of `value` with one thing wrong in it. */
function broken(value: unknown, { kind, at, name, value: nasty }: Breakage): unknown {
  const copy = structuredClone(value);
  const places = placesIn(copy);
  const place = places[at % Math.max(places.length, 1)];
  if (!place) return kind === "wrap" ? [copy] : nasty;
  const { holder, key } = place;
  if (kind === "remove") {
    if (Array.isArray(holder)) holder.splice(Number(key), 1);
    else delete holder[key];
  } else if (kind === "add") {
    Object.defineProperty(holder, name, {
      value: nasty,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  } else {
    const value = kind === "wrap" ? [(holder as Json)[key]] : nasty;
    // Assigning to a field of the name __proto__ would be something else.
    Object.defineProperty(holder, key, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return copy;
}

interface Place {
  holder: Json | unknown[];
  key: string;
}

function placesIn(value: unknown): Place[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [
    { holder: value as Json, key },
    ...placesIn(inner),
  ]);
}

const sizeMaxBytes = 1_000_000;
const bytes = (text: string) => new TextEncoder().encode(text);
const joined = (...parts: number[][]) => new Uint8Array(parts.flat());

type Disfigure = (text: string) => Body["content"];

const disfigurements: Disfigure[] = [
  (text) => text.slice(0, -1),
  (text) => text.slice(0, text.length / 2),
  (text) => `${text},`,
  (text) => `${text}${text}`,
  (text) => `\ufeff${text}`,
  (text) => text.replaceAll('"', "'"),
  (text) => text.replace("{", '{"id":1,"id":2,'),
  (text) => text.replace(/"[^"]*"/, '"\\ud800"'),
  (text) => text.replace(/"[^"]*"/, '"\\u0000"'),
  (text) => text.replace(/:/, ":\0"),
  (text) => `/* */${text}`,
  () => "",
  () => " ",
  () => "undefined",
  () => "NaN",
  () => "[".repeat(40),
  () => "[".repeat(100_000),
  () => '{"a":'.repeat(33) + "1" + "}".repeat(33),
  () => `"${"a".repeat(sizeMaxBytes)}"`,
  () => `[${"1,".repeat(50_000)}1]`,
  (text) => joined([0xff, 0xfe], [...bytes(text)]),
  (text) => joined([...bytes(text)].flatMap((byte) => byte === 0x22 ? [0x22, 0xc3, 0x28] : [byte])),
  (text) =>
    joined([...bytes(text)].flatMap((byte) => byte === 0x22 ? [0x22, 0xed, 0xa0, 0x80] : [byte])),
];

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
