/** Values that fit a JSON Schema, most of all the ones at its edges. */
import fc from "fast-check";
import type { ApiDocument, Json } from "./document.ts";

const depthMax = 8;
const listMax = 4;

/** Values that `schema` takes, as far as it says. `fallback` stands in where no value can be made from a pattern. */
export function valuesFor(api: ApiDocument, schema: Json, depth = 0): fc.Arbitrary<unknown> {
  const found = api.resolve(schema);
  const inner = (part: Json) => valuesFor(api, part, depth + 1);
  const { example } = found;
  if ("const" in found) return fc.constant(found.const);
  if (Array.isArray(found.enum)) return fc.constantFrom(...found.enum);
  const choices = (found.anyOf ?? found.oneOf) as Json[] | undefined;
  if (choices) return fc.oneof(...choices.map(inner));
  const made = valueOf(found, inner, depth);
  return example === undefined ? made : fc.oneof(fc.constant(example), made);
}

type Inner = (schema: Json) => fc.Arbitrary<unknown>;

function valueOf(schema: Json, inner: Inner, depth: number): fc.Arbitrary<unknown> {
  switch (schema.type) {
    case "object":
      return objectOf(schema, inner, depth);
    case "array":
      return arrayOf(schema, inner, depth);
    case "string":
      return textOf(schema);
    case "integer":
    case "number":
      return numberOf(schema);
    case "boolean":
      return fc.boolean();
    case "null":
      return fc.constant(null);
    default:
      return fc.jsonValue({ maxDepth: 1 });
  }
}

function objectOf(schema: Json, inner: Inner, depth: number): fc.Arbitrary<unknown> {
  const { properties = {}, required = [], additionalProperties } = schema as {
    properties?: Record<string, Json>;
    required?: string[];
    additionalProperties?: Json | boolean;
  };
  const wanted = Object.entries(properties).filter(([name]) =>
    depth < depthMax || required.includes(name)
  );
  const fields = Object.fromEntries(wanted.map(([name, field]) => [name, inner(field)]));
  const named = fc.record(fields, { requiredKeys: required.filter((name) => name in fields) });
  const open = typeof additionalProperties === "object";
  if (!open || wanted.length > 0) return named;
  return fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), inner(additionalProperties), {
    maxKeys: 3,
  });
}

function arrayOf(schema: Json, inner: Inner, depth: number): fc.Arbitrary<unknown> {
  const { items = {}, minItems = 0, maxItems = Infinity } = schema as {
    items?: Json;
    minItems?: number;
    maxItems?: number;
  };
  const most = depth > depthMax / 2 ? Math.max(minItems, 1) : minItems + listMax;
  return fc.array(inner(items), { minLength: minItems, maxLength: Math.min(maxItems, most) });
}

const byFormat: Record<string, fc.Arbitrary<string>> = {
  uuid: fc.uuid({ version: 7 }),
  email: fc.stringMatching(/^[a-z]{1,10}$/).map((name) => `${name}@example.com`),
  date: fc.date({ min: new Date("1900-01-01"), max: new Date("2200-12-31"), noInvalidDate: true })
    .map((at) => at.toISOString().slice(0, 10)),
  "date-time": fc.date({
    min: new Date("1970-01-01"),
    max: new Date("9999-12-31"),
    noInvalidDate: true,
  }).map((at) => at.toISOString()),
};

function textOf(schema: Json): fc.Arbitrary<string> {
  const { format = "", pattern, minLength = 0, maxLength = 200 } = schema as {
    format?: string;
    pattern?: string;
    minLength?: number;
    maxLength?: number;
  };
  const known = byFormat[format];
  if (known) return known;
  if (pattern !== undefined) return matching(pattern, minLength, maxLength);
  return fc.oneof(
    fc.string({ minLength, maxLength: Math.min(maxLength, Math.max(minLength, 40)) }),
    fc.constantFrom("a".repeat(Math.max(minLength, 1)), "ä".repeat(Math.min(maxLength, 2_000)))
      .filter((text) => text.length >= minLength),
    fc.string({ unit: "grapheme", minLength, maxLength: Math.max(minLength, 20) })
      .filter((text) => text.length >= minLength && text.length <= maxLength),
  );
}

/** Looking ahead or back is beyond what texts can be made from: then, whatever of a few it takes. */
function matching(pattern: string, minLength: number, maxLength: number): fc.Arbitrary<string> {
  const expression = new RegExp(pattern, "u");
  const fits = (text: string) => text.length >= minLength && text.length <= maxLength;
  try {
    return fc.stringMatching(expression, { size: "small" }).filter(fits);
  } catch {
    const known = ["AAPL", "BTC-USD", "BRK.B", "200.00", "0.00000001", "1", "A1.B2"]
      .filter((text) => expression.test(text));
    return fc.constantFrom(...(known.length > 0 ? known : [""]));
  }
}

function numberOf(schema: Json): fc.Arbitrary<number> {
  const { minimum, exclusiveMinimum, maximum = 1_000_000, type } = schema as {
    minimum?: number;
    exclusiveMinimum?: number;
    maximum?: number;
    type: string;
  };
  const lowest = minimum ?? exclusiveMinimum ?? -1_000_000;
  const edges = [lowest, maximum].filter((edge) => edge !== exclusiveMinimum);
  const inside = type === "integer"
    ? fc.integer({ min: Math.ceil(lowest), max: Math.min(maximum, 2 ** 31 - 1) })
    : fc.double({ min: lowest, max: maximum, noNaN: true });
  return fc.oneof({ weight: 1, arbitrary: fc.constantFrom(...edges) }, {
    weight: 3,
    arbitrary: inside,
  });
}
