import type { Json } from "../http/json_schema.ts";

const depthMax = 6;

/** A JSON Schema as a person would note it down: `level: text like "200.00"`; references by name alone. */
export function shapeText(schema: Json, indent = "", depth = 0): string {
  const inner = (part: Json, more = indent) => shapeText(part, more, depth + 1);
  if (typeof schema.$ref === "string") return schema.$ref.split("/").at(-1) ?? "";
  if ("const" in schema) return JSON.stringify(schema.const);
  if (Array.isArray(schema.enum)) {
    return schema.enum.map((word) => JSON.stringify(word)).join(" | ");
  }
  const choices = (schema.anyOf ?? schema.oneOf) as Json[] | undefined;
  if (choices) return choices.map((choice) => inner(choice)).join(" | ");
  switch (schema.type) {
    case "object":
      return depth > depthMax ? "{ … }" : objectShape(schema, indent, inner);
    case "array":
      if (Array.isArray(schema.prefixItems)) {
        return `[${schema.prefixItems.map((part) => inner(part)).join(", ")}]`;
      }
      return `[${inner((schema.items ?? {}) as Json)}]${bounds(schema.minItems, schema.maxItems)}`;
    case "string":
      return textShape(schema);
    case undefined:
      return "anything";
    default:
      return `${schema.type}${bounds(schema.minimum ?? schema.exclusiveMinimum, schema.maximum)}`;
  }
}

type Inner = (schema: Json, indent?: string) => string;

function objectShape(schema: Json, indent: string, inner: Inner): string {
  const { properties = {}, required = [], additionalProperties } = schema as {
    properties?: Record<string, Json>;
    required?: string[];
    additionalProperties?: Json | boolean;
  };
  const deeper = `${indent}  `;
  const lines = Object.entries(properties).map(([name, field]) => {
    const about = field.description ? `  // ${field.description}` : "";
    return `${deeper}${name}${required.includes(name) ? "" : "?"}: ${inner(field, deeper)}${about}`;
  });
  if (typeof additionalProperties === "object") {
    lines.push(`${deeper}[any name]: ${inner(additionalProperties, deeper)}`);
  }
  return lines.length === 0 ? "{}" : `{\n${lines.join("\n")}\n${indent}}`;
}

function textShape({ format, pattern, minLength, maxLength, example }: Json): string {
  if (format) return String(format);
  const like = example === undefined ? "" : ` like ${JSON.stringify(example)}`;
  return `text${like || (pattern ? ` /${pattern}/` : "")}${bounds(minLength, maxLength)}`;
}

function bounds(least: unknown, most: unknown): string {
  if (least === undefined && most === undefined) return "";
  return ` (${least ?? ""}–${most ?? ""})`;
}
