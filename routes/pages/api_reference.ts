import { html } from "hono/html";
import type { Json } from "../http/json_schema.ts";
import { type Html, inline, page } from "./frame.ts";
import { type Entry, type Operation, operationCard } from "./operation_card.ts";
import { shapeText } from "./shape.ts";

interface Document {
  info: { description: string; license: { name: string } };
  servers: { url: string }[];
  tags: { name: string; description?: string }[];
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Json>; responses: Record<string, { description: string }> };
}

/** The OpenAPI document as one page. */
export function apiReferencePage(openApi: Json): string {
  const document = openApi as unknown as Document;
  const { schemas, responses } = document.components;
  const publicUrl = document.servers[0]?.url ?? "";
  const areas = Map.groupBy(entriesOf(document), ({ operation }) => operation.tags[0] ?? "");
  const answerAt = (answer: { $ref?: string; description: string }) =>
    answer.$ref ? responses[answer.$ref.split("/").at(-1) ?? ""] ?? answer : answer;
  const names = [...document.tags.map(({ name }) => name), "schemas", "terms"];
  return page(
    "Almanac API",
    names.map((name) => html`<a href="#${name}">${name}</a>`),
    html`
      <h1>Almanac API</h1>
      ${paragraphs(document.info.description)}
      <p>For machines: <a href="/openapi.json">/openapi.json</a> (OpenAPI 3.1).
      <a href="/docs/problems">All problems</a>.</p>
      ${document.tags.map(({ name, description }) =>
        html`<section><h2 id="${name}">${name}</h2><p>${description ?? ""}</p>
${(areas.get(name) ?? []).map((entry) => operationCard(entry, answerAt, publicUrl))}</section>`
      )}
      <section><h2 id="schemas">schemas</h2>${Object.entries(schemas).map(schemaCard)}</section>
      <section>
        <h2 id="terms">terms</h2>
        <p>${document.info.license.name}.</p>
      </section>
    `,
  );
}

function entriesOf(document: Document): Entry[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method, path, operation }))
  );
}

function schemaCard([name, schema]: [string, Json]): Html {
  return html`
    <details id="schema-${name}" data-find="schema ${name.toLowerCase()}">
      <summary><code>${name}</code><span>${schema.description ?? ""}</span></summary>
      <pre><code>${shapeText(schema)}</code></pre>
    </details>
  `;
}

/** The little Markdown that the description is written in: paragraphs, one list, code and bold words. */
function paragraphs(markdown: string): Html[] {
  return markdown.split("\n\n").map((block) => {
    const lines = block.split("\n");
    if (!block.startsWith("- ")) return html`<p>${inline(block)}</p>`;
    return html`<ul>${lines.map((line) => html`<li>${inline(line.slice(2))}</li>`)}</ul>`;
  });
}
