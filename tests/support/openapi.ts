/** The part of JSON Schema that the vendors' OpenAPI documents use for what we send. */
interface Schema {
  $ref?: string;
  type?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  items?: Schema;
  enum?: unknown[];
  format?: string;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
}

/** A request body of the document, by reference and media type, or a schema. */
type Place = Schema & { media?: string };

/**
 * What is wrong with `value`, each as `path: what`. Stricter than the document in one thing: a field that an object's
 * `properties` do not name is unknown, since a misspelt field would be ignored without a word.
 */
export function violationsOf(document: object, place: Place, value: unknown): string[] {
  return check({ document, path: [] }, schemaAt(document, place), value);
}

interface At {
  document: object;
  path: string[];
}

function schemaAt(document: object, { media, ...schema }: Place): Schema {
  if (media === undefined) return schema;
  const body = resolve(document, schema) as { content?: Record<string, { schema: Schema }> };
  const found = body.content?.[media]?.schema;
  if (!found) throw new Error(`no ${media} at ${schema.$ref}`);
  return found;
}

function resolve(document: object, schema: Schema): Schema {
  if (schema.$ref === undefined) return schema;
  const names = schema.$ref.replace(/^#\//, "").split("/");
  const found = names.reduce<unknown>(
    (value, name) => isObject(value) ? value[name] : undefined,
    document,
  );
  if (!isObject(found)) throw new Error(`nothing at ${schema.$ref}`);
  return resolve(document, found);
}

function check(at: At, given: Schema, value: unknown): string[] {
  const schema = resolve(at.document, given);
  const say = (what: string) => [`${at.path.join(".")}: ${what}`];
  if (schema.enum && !schema.enum.includes(value)) return say(`none of ${schema.enum}`);
  switch (schema.type) {
    case "object":
      return isObject(value) ? checkObject(at, schema, value) : say("no object");
    case "array":
      return Array.isArray(value) ? checkArray(at, schema, value) : say("no array");
    case "string":
      return typeof value === "string" ? checkString(schema, value).flatMap(say) : say("no string");
    case "integer":
      return Number.isInteger(value) ? [] : say("no integer");
    case "boolean":
      return typeof value === "boolean" ? [] : say("no boolean");
    default:
      throw new Error(`a type that is not checked: ${schema.type}`);
  }
}

function checkObject(at: At, schema: Schema, value: Record<string, unknown>): string[] {
  const { properties = {}, required = [], additionalProperties } = schema;
  const inside = (name: string): At => ({ ...at, path: [...at.path, name] });
  const missing = required.filter((name) => value[name] === undefined)
    .map((name) => `${inside(name).path.join(".")}: missing`);
  const wrong = Object.entries(value).flatMap(([name, field]) => {
    const known = properties[name];
    if (known) return check(inside(name), known, field);
    if (typeof additionalProperties === "object") {
      return check(inside(name), additionalProperties, field);
    }
    return schema.properties ? [`${inside(name).path.join(".")}: unknown`] : [];
  });
  return [...missing, ...wrong];
}

function checkArray(at: At, { items, minItems, maxItems }: Schema, value: unknown[]): string[] {
  const path = at.path.join(".");
  return [
    ...(value.length < (minItems ?? 0) ? [`${path}: fewer than ${minItems}`] : []),
    ...(value.length > (maxItems ?? Infinity) ? [`${path}: more than ${maxItems}`] : []),
    ...value.flatMap((item, index) =>
      items ? check({ ...at, path: [...at.path, String(index)] }, items, item) : []
    ),
  ];
}

function checkString({ minLength, maxLength, format }: Schema, value: string): string[] {
  return [
    ...(value.length < (minLength ?? 0) ? [`shorter than ${minLength}`] : []),
    ...(value.length > (maxLength ?? Infinity) ? [`longer than ${maxLength}`] : []),
    ...(format === "email" && !/^[^@\s]+@[^@\s]+$/.test(value) ? ["no e-mail address"] : []),
  ];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
