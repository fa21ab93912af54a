import assert from "node:assert/strict";
import { type Content, type Json, readDocument } from "../../dev/fuzz/document.ts";
import { describeApp } from "../../dev/openapi.ts";

const document = describeApp();
const api = readDocument(document);
const components = document.components as Record<string, Record<string, Json>>;

function examplesIn({ example, examples = {} }: Content): unknown[] {
  const named = Object.values(examples).map(({ value }) => value);
  return example === undefined ? named : [example, ...named];
}

Deno.test("every body in the document, asked or answered, has an example, and each fits its schema", () => {
  const wrong: string[] = [];
  for (const { name, body, answers } of api.operations) {
    const contents = Object.entries(answers).flatMap(([status, { content = {} }]) =>
      Object.entries(content).map(([type, found]) => ({
        place: `${name} ${status} ${type}`,
        type,
        found,
      }))
    );
    const asked = body ? [{ place: name, type: "application/json", found: body }] : [];
    for (const { place, type, found } of [...asked, ...contents]) {
      const described = type.endsWith("json") && Object.keys(found.schema ?? {}).length > 0;
      const examples = examplesIn(found);
      if (described && examples.length === 0) wrong.push(`${place}: no example`);
      for (const example of examples) {
        wrong.push(...api.misfits(found.schema ?? {}, example).map((what) => `${place} ${what}`));
      }
    }
  }
  assert.deepEqual(wrong, [], "give the schema, or a field of it, an example: .meta({ example })");
});

Deno.test("every parameter in the document has an example that fits", () => {
  for (const { name, parameters } of api.operations) {
    for (const parameter of parameters) {
      const place = `${name} ${parameter.name}`;
      assert.notEqual(parameter.example, undefined, place);
      assert.deepEqual(api.misfits(parameter.schema, parameter.example), [], place);
    }
  }
});

Deno.test("every example within a schema fits it", () => {
  const wrong: string[] = [];
  const visit = (schema: unknown, place: string) => {
    if (typeof schema !== "object" || schema === null) return;
    const { example } = schema as Json;
    if (example !== undefined && !place.endsWith("/properties")) {
      wrong.push(...api.misfits(schema as Json, example).map((what) => `${place} ${what}`));
    }
    for (const [key, inner] of Object.entries(schema)) {
      if (key !== "example") visit(inner, `${place}/${key}`);
    }
  };
  visit(components.schemas, "");
  assert.deepEqual(wrong, []);
});

Deno.test("no two operations share an id, and every reference leads somewhere", () => {
  const ids = api.operations.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
  const references = JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g);
  for (const [, reference = ""] of references) {
    assert.ok(api.resolve({ $ref: reference }), reference);
  }
});

Deno.test("a problem's answer names the codes that it can carry, and no others fit", () => {
  const answer = api.operations.find(({ name }) => name === "GET /v1/plans/{id}")?.answers["404"];
  const { schema = {} } = answer?.content?.["application/problem+json"] ?? {};
  const problem = {
    type: "/docs/problems#not_found",
    title: "There is nothing here that you can see.",
    status: 404,
    code: "not_found",
    instance: "urn:request:abcdefgh",
  };
  assert.deepEqual(api.misfits(schema, problem), []);
  assert.notDeepEqual(api.misfits(schema, { ...problem, code: "conflict" }), []);
  assert.notDeepEqual(api.misfits(schema, { ...problem, stack: "at async" }), []);
});

Deno.test("a shape that differs between what is asked and what is answered has two names, used each where it holds", () => {
  const { PreferencesInput, PreferencesInputComplete, PreferencesChange } = components.schemas ??
    {};
  assert.equal(PreferencesInput?.required, undefined, "everything has a default");
  assert.ok((PreferencesInputComplete?.required as string[]).includes("channels"));
  const { document } = PreferencesChange?.properties as Record<string, Json>;
  assert.equal(document?.$ref, "#/components/schemas/PreferencesInputComplete");
});
