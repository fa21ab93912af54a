import * as z from "zod";

export type Json = Record<string, unknown>;

/** Gathers the named schemas of a document while it hands out references to them. */
export interface SchemaBook {
  /** The JSON Schema of what goes in or comes out; a schema with an id becomes a reference. */
  schemaOf(schema: z.ZodType, direction: Direction): Json;
  named(): Record<string, Json>;
}

export function createSchemaBook(): SchemaBook {
  const named: Record<string, Json> = {};
  const texts = new Map<string, string>();

  // What goes in may lack what has a default, so that one id can stand for two shapes: the later one gets another name.
  function nameFor(id: string, text: string, direction: Direction): string {
    const taken = texts.get(id);
    const name = taken === undefined || taken === text ? id : `${id}${suffixes[direction]}`;
    texts.set(name, text);
    return name;
  }

  return {
    schemaOf(schema, direction) {
      const made = z.toJSONSchema(schema, {
        io: direction,
        unrepresentable: "any",
        override: ({ jsonSchema }) => inPlainWords(jsonSchema as Json),
      });
      // Parts are told apart only once all of them are there, which in `override` they are not.
      const { $schema: _, $defs = {}, ...root } = JSON.parse(
        JSON.stringify(made),
        (_key, part) => closedTuple(part),
      ) as Json & { $defs?: Record<string, Json> };
      const id = schema.meta()?.id;
      const own = id === undefined || id in $defs ? $defs : { ...$defs, [id]: root };
      const whole = wholeTexts(own);
      const names = Object.keys(own).map((key) => [key, nameFor(key, whole[key]!, direction)]);
      const referTo = Object.fromEntries(names) as Record<string, string>;
      for (const [key, name] of names) named[name!] = withoutId(pointed(own[key!]!, referTo));
      if (id === undefined) return pointed(root, referTo);
      return { $ref: `#/components/schemas/${referTo[id]}` };
    },
    named: () => named,
  };
}

type Direction = "input" | "output";

const suffixes: Record<Direction, string> = { input: "Given", output: "Complete" };

/** The text of each schema with the texts of those that it refers to: equal texts mean equal shapes, all the way down. */
function wholeTexts(schemas: Record<string, Json>): Record<string, string> {
  const textOf = (key: string, seen: string[]): string =>
    JSON.stringify(schemas[key] ?? {}).replace(
      /"#\/\$defs\/([^"]+)"/g,
      (_, inner: string) => seen.includes(inner) ? `"${inner}"` : textOf(inner, [...seen, inner]),
    );
  return Object.fromEntries(Object.keys(schemas).map((key) => [key, textOf(key, [key])]));
}

/** The same schema with references to where the named ones stand in the document. */
function pointed(schema: Json, names: Record<string, string>): Json {
  const text = JSON.stringify(schema).replace(
    /"#\/\$defs\/([^"]+)"/g,
    (_, key: string) => `"#/components/schemas/${names[key] ?? key}"`,
  );
  return JSON.parse(text);
}

function withoutId({ id: _, ...schema }: Json): Json {
  return schema;
}

/** Formats that say all that zod's pattern of a line or two says as well. */
const tellingFormats = new Set(["uuid", "date", "date-time", "email"]);

/** The same schema, as a person and a generator of clients would rather read it. */
function inPlainWords(schema: Json): void {
  if (tellingFormats.has(String(schema.format))) delete schema.pattern;
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
  // Most readers of a schema compile its patterns without the u flag, where a class by name means nothing.
  if (typeof schema.pattern === "string") {
    schema.pattern = schema.pattern.replaceAll("\\p{Cc}", "\\u0000-\\u001f\\u007f-\\u009f");
  }
  nameKeys(schema);
}

/** A tuple is as long as it is; one of equal parts is a list of that length, which more readers understand. */
function closedTuple(part: unknown): unknown {
  const { prefixItems, items, ...schema } = (part ?? {}) as Json;
  if (!Array.isArray(prefixItems) || (items ?? false) !== false) return part;
  const first = JSON.stringify(prefixItems[0]);
  const isEven = prefixItems.every((item) => JSON.stringify(item) === first);
  const length = { minItems: prefixItems.length, maxItems: prefixItems.length };
  if (isEven) return { ...schema, items: prefixItems[0], ...length };
  return { ...schema, prefixItems, items: false, ...length };
}

/** A record whose keys are a list of words is an object with these fields. */
function nameKeys(schema: Json): void {
  const { propertyNames, additionalProperties } = schema as { propertyNames?: Json } & Json;
  if (!Array.isArray(propertyNames?.enum)) return;
  schema.properties = Object.fromEntries(
    propertyNames.enum.map((key) => [key, additionalProperties]),
  );
  schema.additionalProperties = false;
  delete schema.propertyNames;
}
