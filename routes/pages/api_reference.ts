import { html, raw } from "hono/html";
import type { HtmlEscapedString } from "hono/utils/html";
import type { Deprecation } from "../http/deprecation.ts";

type Html = HtmlEscapedString | Promise<HtmlEscapedString>;

interface Operation {
  operationId: string;
  tags: string[];
  summary: string;
  description?: string;
  security: unknown[];
  "x-permission"?: string;
  "x-deprecated"?: Deprecation;
  parameters: { name: string; in: string; required: boolean; schema: Record<string, unknown> }[];
  requestBody?: { content: Record<string, { schema: unknown; example?: unknown }> };
  responses: Record<string, { description: string; content?: Record<string, { schema: unknown }> }>;
}

interface Entry {
  method: string;
  path: string;
  operation: Operation;
}

/** The OpenAPI document as one page: no script, nothing from elsewhere, light and dark. */
export function apiReferencePage(document: Record<string, unknown>): string {
  const entries = operations(document);
  const areas = Map.groupBy(entries, ({ operation }) => operation.tags[0] ?? "root");
  const schemas = (document.components as { schemas: Record<string, unknown> }).schemas;
  return String(html`
    <!doctype html>
    <html lang="en">
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>Almanac API</title>
      <style>${raw(style)}</style>
      <nav>${[...areas.keys()].map((area) =>
        html`<a href="#${area}">${area}</a>`
      )}<a href="#schemas">schemas</a></nav>
      <main>
    <h1>Almanac API</h1>
    <p>Machine-readable: <a href="/openapi.json">/openapi.json</a>. Errors are
    <a href="https://www.rfc-editor.org/rfc/rfc9457">problem documents</a> with a stable <code>code</code>. Reads carry an
    <code>ETag</code>; writes that change a version ask for <code>If-Match</code>.</p>
    ${[...areas].map(([area, group]) =>
      html`<h2 id="${area}">${area}</h2>${group.map(operationCard)}`
    )}
    <h2 id="schemas">schemas</h2>
    ${Object.entries(schemas).map(([name, schema]) =>
      html`<details id="schema-${name}"><summary><code>${name}</code></summary>${
        schemaText(schema)
      }</details>`
    )}
      </main>
    </html>
  `);
}

function operations(document: Record<string, unknown>): Entry[] {
  const paths = document.paths as Record<string, Record<string, Operation>>;
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method, path, operation }))
  );
}

function operationCard({ method, path, operation }: Entry): Html {
  const open = operation.security.length === 0;
  const need = open ? "no sign-in" : operation["x-permission"] ?? "signed in";
  return html`<details class="operation" id="${operation.operationId}">
<summary><b class="${method}">${method.toUpperCase()}</b> <code>${path}</code> <span>${operation.summary}</span>
<small>${need}</small></summary>
${operation["x-deprecated"] ? deprecationNote(operation["x-deprecated"]) : ""}
${operation.description ? html`<p>${operation.description}</p>` : ""}
${operation.parameters.length > 0 ? parameterTable(operation.parameters) : ""}
${operation.requestBody ? requestText(operation.requestBody) : ""}
<h3>Answers</h3>
<dl>${
    Object.entries(operation.responses).map(([status, answer]) =>
      html`
        <dt>${status}</dt>
        <dd>${answer.description}
        ${schemaText(answer.content?.["application/json"]?.schema)}</dd>
      `
    )
  }</dl>
</details>`;
}

function deprecationNote({ since, sunset, successor, about }: Deprecation): Html {
  return html`<p><strong>Deprecated</strong> since ${since}${
    sunset ? html`; it may not answer any more from ${sunset} on` : ""
  }.${
    successor
      ? html`
        Use <code>${successor}</code>.
      `
      : ""
  }${
    about
      ? html`
        <a href="${about}">Read more</a>
      `
      : ""
  }</p>`;
}

function parameterTable(parameters: Operation["parameters"]): Html {
  return html`<table><tr><th>Parameter</th><th>In</th><th>Takes</th></tr>
${
    parameters.map((parameter) =>
      html`
        <tr>
          <td><code>${parameter.name}</code>${parameter.required ? "" : " (optional)"}</td>
          <td>${parameter.in}</td>
          <td><code>${JSON.stringify(parameter.schema)}</code></td>
        </tr>
      `
    )
  }</table>`;
}

function requestText(requestBody: NonNullable<Operation["requestBody"]>): Html {
  const { schema, example } = requestBody.content["application/json"] ?? {};
  return html`<h3>Body</h3>${schemaText(schema)}
${
    example === undefined ? "" : html`
      <h4>Example</h4>
      <pre>${JSON.stringify(example, null, 2)}</pre>
    `
  }`;
}

function schemaText(schema: unknown): Html | string {
  if (schema === undefined) return "";
  const name = (schema as { $ref?: string }).$ref?.split("/").at(-1);
  if (name) return html`<p><a href="#schema-${name}">${name}</a></p>`;
  return html`<pre>${JSON.stringify(schema, null, 2)}</pre>`;
}

const style = `
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --accent: light-dark(#0a5, #5d9); }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0; display: grid; grid-template-columns: 12rem 1fr; }
nav { position: sticky; top: 0; height: 100vh; box-sizing: border-box; padding: 2rem 1rem; border-right: 1px solid var(--line); overflow: auto; }
nav a { display: block; padding: .2rem 0; color: inherit; text-decoration: none; }
main { padding: 2rem; max-width: 60rem; min-width: 0; }
a { color: var(--accent); } h2 { margin-top: 2.5rem; } h3 { margin: 1rem 0 .3rem; font-size: 1rem; }
details { border: 1px solid var(--line); border-radius: .5rem; margin: .5rem 0; padding: .5rem .8rem; }
summary { cursor: pointer; display: flex; gap: .7rem; align-items: baseline; flex-wrap: wrap; }
summary b { min-width: 4rem; font-size: .8rem; } summary span { flex: 1; } small { opacity: .7; }
b.get { color: light-dark(#06c, #6af); } b.post { color: light-dark(#080, #6d6); } b.delete { color: light-dark(#b00, #f77); }
b.put, b.patch { color: light-dark(#a60, #fb5); }
pre { background: var(--soft); padding: .7rem; border-radius: .4rem; overflow: auto; font-size: .82rem; max-height: 28rem; }
code { font-size: .9em; overflow-wrap: anywhere; } dt { font-weight: 600; } dd { margin: 0 0 .5rem 1.5rem; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; padding: .3rem .5rem; border-bottom: 1px solid var(--line); vertical-align: top; }
@media (max-width: 45rem) { body { display: block; } nav { position: static; height: auto; border: 0; padding: 1rem; } nav a { display: inline-block; margin-right: 1rem; } main { padding: 1rem; } }
`;
