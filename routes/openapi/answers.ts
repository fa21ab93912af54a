import type * as z from "zod";
import type { Media, RouteDoc } from "../http/describe.ts";
import type { Json, SchemaBook } from "../http/json_schema.ts";
import { exampleOf } from "./examples.ts";
import { headerReferences } from "./problems.ts";

/** The answers that a route's documentation names, each with its headers and an example. */
export function documentedAnswers(
  book: SchemaBook,
  doc: RouteDoc,
  method: string,
): Record<string, Json> {
  return Object.fromEntries(
    Object.entries(doc.answers).map(([status, answer]) => {
      const { content, ...described } = describe(book, Number(status), answer);
      const schema = (content as Content | undefined)?.["application/json"]?.schema;
      const fields = fieldsOf(book, schema);
      const headers = headerReferences(headerNames(doc, method, Number(status), fields));
      return [status, { ...described, headers, ...(content ? { content } : {}) }];
    }),
  );
}

type Content = Record<string, { schema: Json }>;

const standardWords: Record<number, string> = {
  101: "The protocol changes",
  200: "The answer",
  201: "Made",
  202: "Taken on: it happens behind the API",
  204: "Done",
  304: "You have it already",
  503: "Not ready",
};

function describe(book: SchemaBook, status: number, answer: RouteDoc["answers"][number]): Json {
  const description = standardWords[status] ?? "The answer";
  if (answer === null) return { description };
  if (typeof answer === "string") return { description: answer };
  if (isMedia(answer)) {
    const { about, type, example } = answer;
    const media = { schema: { type: "string" }, ...(example ? { example } : {}) };
    // What is JSON of a shape that is not ours to describe may be anything.
    const content = type.endsWith("json") ? { schema: {} } : media;
    return { description: about, content: { [type]: content } };
  }
  const schema = book.schemaOf(answer, "output");
  const example = exampleOf(schema, book.named());
  return { description, content: { "application/json": { schema, example } } };
}

function isMedia(answer: z.ZodType | Media): answer is Media {
  return "about" in answer && "type" in answer && !("safeParse" in answer);
}

/** What follows from what a route reads: whoever takes an entity tag gives one, as does what has a version; what was made has an address. */
function headerNames(doc: RouteDoc, method: string, status: number, fields: string[]): string[] {
  const names = ["X-Request-Id"];
  const hasTag = doc.headers?.some((name) => /^If-(None-)?Match\b/.test(name)) ||
    fields.includes("version");
  if (hasTag && status !== 204 && status < 400) names.push("ETag");
  if (status === 201 || status === 202) names.push("Location");
  if (fields.includes("nextCursor")) names.push("Link");
  if (doc.idempotent) names.push("Idempotency-Replayed");
  if (doc.deprecated) names.push("Deprecation", "Sunset");
  if (method !== "GET" && doc.access !== "public") names.push("RateLimit", "RateLimit-Policy");
  return names;
}

function fieldsOf(book: SchemaBook, schema?: Json): string[] {
  const name = String(schema?.$ref ?? "").split("/").at(-1) ?? "";
  const found = book.named()[name] ?? schema ?? {};
  return Object.keys((found.properties ?? {}) as Json);
}
