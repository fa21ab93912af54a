import type { Json } from "../http/json_schema.ts";

/** What strings say in examples, by the name of their field. A field that wants another one has it in its schema. */
const byName: Record<string, string> = {
  alg: "RS256",
  accessToken: "eyJhbGciOiJSUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiIwMTlhYTFiMiJ9.c2lnbmF0dXJl",
  body: "It is 200.12 now.",
  changedBy: "019aa1b2-3c4d-7e5f-8a6b-7c8d9e0f1a2b",
  createdBy: "019aa1b2-3c4d-7e5f-8a6b-7c8d9e0f1a2b",
  currency: "USD",
  errorCode: "unavailable",
  job: "judge_alerts",
  kid: "2026-01",
  key: "2026-01-30T14:30",
  kty: "RSA",
  locale: "en",
  name: "postgres",
  note: "Time to sell",
  provider: "sendgrid",
  reason: "Handed to sendgrid.",
  refreshToken: "kq3V1w7r0Jm2Yb5Zs8Xc",
  source: "demo",
  status: "sent",
  symbol: "AAPL",
  timeZone: "America/New_York",
  title: "AAPL is above 200.00",
  type: "market_alert",
  use: "sig",
};

/** The same for numbers. */
const numberByName: Record<string, number> = {
  age: 65,
  close: 189.98,
  expiresIn: 900,
  high: 190.61,
  latencyMs: 1.2,
  low: 188.4,
  open: 189.1,
  paths: 10_000,
  version: 7,
  volume: 48_211_900,
  year: 2041,
};

const byFormat: Record<string, string> = {
  uuid: "019aa1b2-3c4d-7e5f-8a6b-7c8d9e0f1a2b",
  date: "2026-01-30",
  "date-time": "2026-01-30T14:30:00.000Z",
  email: "ada@example.com",
  uri: "https://example.com/",
};

/** Tried in this order on a string that has a pattern. */
const candidates = [
  "189.98",
  "200.00",
  "AAPL",
  "USD",
  "2026-01-30",
  "22:00",
  "en",
  "Europe/Berlin",
  "+4915112345678",
  "judge_alerts",
  "1",
  "50",
  "k3j9x2",
  "UTC",
  "a",
  `sha256:${"0f".repeat(32)}`,
];

const depthMax = 12;

/**
 * An instance of a JSON Schema that a reader can make sense of: what the schema itself gives as an example, or else
 * one made of its parts. `named` are the schemas that references lead to.
 */
export function exampleOf(
  schema: Json,
  named: Record<string, Json>,
  name = "",
  depth = 0,
): unknown {
  if (schema.example !== undefined) return schema.example;
  if (Array.isArray(schema.examples)) return schema.examples[0];
  if (typeof schema.$ref === "string") {
    return exampleOf(named[schema.$ref.split("/").at(-1) ?? ""] ?? {}, named, name, depth + 1);
  }
  if ("const" in schema) return schema.const;
  if (Array.isArray(schema.enum)) return schema.enum[0];
  if (schema.default !== undefined) return schema.default;
  if (depth > depthMax) return null;
  const choices = (schema.anyOf ?? schema.oneOf ?? schema.allOf) as Json[] | undefined;
  if (choices?.[0]) return exampleOf(choices[0], named, name, depth + 1);
  switch (schema.type) {
    case "object":
      return objectExample(schema, named, depth);
    case "array":
      return arrayExample(schema, named, name, depth);
    case "string":
      return stringExample(schema, name);
    case "integer":
    case "number":
      return numberExample(schema, name);
    case "boolean":
      return true;
    default:
      return null;
  }
}

function objectExample(schema: Json, named: Record<string, Json>, depth: number): Json {
  const properties = Object.entries((schema.properties ?? {}) as Record<string, Json>);
  return Object.fromEntries(
    properties.map(([name, inner]) => [name, exampleOf(inner, named, name, depth + 1)]),
  );
}

function arrayExample(
  schema: Json,
  named: Record<string, Json>,
  name: string,
  depth: number,
): unknown[] {
  if (Array.isArray(schema.prefixItems)) {
    return schema.prefixItems.map((inner) => exampleOf(inner, named, name, depth + 1));
  }
  if (!schema.items) return [];
  const item = exampleOf(schema.items as Json, named, name, depth + 1);
  return Array.from({ length: Math.max(1, Number(schema.minItems ?? 1)) }, () => item);
}

function stringExample(schema: Json, name: string): string {
  const { pattern, minLength = 0, maxLength = Infinity, format } = schema as {
    pattern?: string;
    minLength?: number;
    maxLength?: number;
    format?: string;
  };
  const wanted = pattern === undefined ? undefined : new RegExp(pattern, "u");
  const known = [byFormat[format ?? ""], byName[name], ...(wanted ? candidates : []), "text"];
  const fits = (text?: string) =>
    text !== undefined && text.length <= maxLength && (wanted?.test(text) ?? true);
  return (known.find(fits) ?? "").padEnd(minLength, "x");
}

function numberExample(schema: Json, name: string): number {
  const { minimum, maximum, exclusiveMinimum } = schema as Record<string, number | undefined>;
  const known = numberByName[name];
  if (known !== undefined && known >= (minimum ?? known) && known <= (maximum ?? known)) {
    return known;
  }
  if (minimum !== undefined && minimum > 0) return minimum;
  if (maximum !== undefined && maximum <= 1) return maximum === 1 ? 0.5 : maximum;
  return exclusiveMinimum === undefined ? Math.min(1, maximum ?? 1) : exclusiveMinimum + 1;
}
