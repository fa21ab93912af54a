import * as fc from "fast-check";
import * as z from "zod";

/** As much of JSON Schema as zod writes. */
export interface Schema {
  $ref?: string;
  $defs?: Record<string, Schema>;
  type?: string;
  const?: unknown;
  enum?: unknown[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: Schema | boolean;
  propertyNames?: Schema;
  items?: Schema;
  minItems?: number;
  pattern?: string;
  format?: string;
  minimum?: number;
}

/** What a zod schema takes, without references. */
export function schemaOf(schema: z.ZodType): Schema {
  const root = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as Schema;
  return resolved(root, root.$defs ?? {});
}

export function branchesOf({ anyOf, oneOf, ...schema }: Schema): Schema[] {
  const branches = anyOf ?? oneOf;
  return branches === undefined ? [schema] : branches.flatMap(branchesOf);
}

/** Any text at all may be tried: no pattern, format or list stands in the schema. */
export function isFreeText({ type, pattern, format, ...rest }: Schema): boolean {
  return type === "string" && pattern === undefined && format === undefined &&
    rest.enum === undefined && rest.const === undefined;
}

/** A small value that fits a schema, as far as its JSON form tells. */
export function sampleOf(schema: Schema): unknown {
  const [branch = {}] = branchesOf(schema);
  if (branch.const !== undefined) return branch.const;
  if (branch.enum !== undefined) return branch.enum[0];
  switch (branch.type) {
    case "object":
      return Object.fromEntries(
        (branch.required ?? []).map((name) => [name, sampleOf(branch.properties?.[name] ?? {})]),
      );
    case "array":
      return (branch.minItems ?? 0) > 0 ? [sampleOf(branch.items ?? {})] : [];
    case "string":
      return sampleText(branch);
    case "integer":
    case "number":
      return Math.max(branch.minimum ?? 0, 0);
    case "boolean":
      return true;
    default:
      return null;
  }
}

const samples: Record<string, string> = {
  date: "2030-01-31",
  "date-time": "2030-01-31T09:30:00.000Z",
  email: "somebody@example.com",
  uuid: "0190b0f0-0000-7000-8000-00000000beef",
};

function sampleText({ format = "", pattern }: Schema): string {
  const known = samples[format];
  if (known !== undefined || pattern === undefined) return known ?? "text";
  const [text = ""] = fc.sample(fc.stringMatching(new RegExp(pattern)), { seed: 1, numRuns: 1 });
  return text;
}

function resolved(schema: Schema, defs: Record<string, Schema>): Schema {
  return JSON.parse(JSON.stringify(schema), (_, value) => {
    const name = /^#\/\$defs\/(.+)$/.exec(value?.$ref ?? "")?.[1];
    return name === undefined ? value : resolved(defs[name] ?? {}, defs);
  });
}
