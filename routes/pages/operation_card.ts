import { html } from "hono/html";
import type { Deprecation } from "../http/deprecation.ts";
import type { Json } from "../http/json_schema.ts";
import type { Html } from "./frame.ts";
import { shapeText } from "./shape.ts";

interface Parameter {
  name: string;
  in: string;
  required: boolean;
  description?: string;
  schema: Json;
  example?: unknown;
}

interface Content {
  schema?: Json;
  example?: unknown;
  examples?: Record<string, unknown>;
}

interface Answer {
  description: string;
  headers?: Json;
  content?: Record<string, Content>;
}

export interface Operation {
  operationId: string;
  tags: string[];
  summary: string;
  description?: string;
  security: unknown[];
  "x-permission"?: string;
  "x-deprecated"?: Deprecation;
  parameters: Parameter[];
  requestBody?: { content: Record<string, Content> };
  responses: Record<string, Answer & { $ref?: string }>;
}

export interface Entry {
  method: string;
  path: string;
  operation: Operation;
}

/** One operation, folded up: what it takes, a command that asks it, and what it answers. */
export function operationCard(
  { method, path, operation }: Entry,
  answerAt: (answer: Answer & { $ref?: string }) => Answer,
  publicUrl: string,
): Html {
  const { operationId, summary, description, parameters, requestBody, responses } = operation;
  const isOpen = operation.security.length === 0;
  const permission = operation["x-permission"];
  const need = isOpen ? "no sign-in" : permission === "person" ? "signed in" : permission;
  const taken = requestBody?.content["application/json"];
  const find = `${method} ${path} ${summary} ${operationId}`.toLowerCase();
  return html`<details id="${operationId}" data-find="${find}">
<summary><b class="${method}">${method.toUpperCase()}</b><code>${path}</code><span>${summary}</span>
<small>${need}</small></summary>
${operation["x-deprecated"] ? deprecationNote(operation["x-deprecated"]) : ""}
<p>${description}</p>
${parameters.length > 0 ? parameterTable(parameters) : ""}
${taken ? html`<h3>Body</h3>${shape(taken.schema)}` : ""}
<h3>Ask</h3><pre><code>${curlOf({ method, path, operation }, publicUrl)}</code></pre>
<h3>Answers</h3>
<dl>${
    Object.entries(responses).map(([status, answer]) => answerText(status, answerAt(answer)))
  }</dl>
</details>`;
}

function parameterTable(parameters: Parameter[]): Html {
  return html`
    <h3>Parameters</h3>
    <table>${parameters.map(({ name, in: place, required, description, schema }) =>
      html`
        <tr>
          <td><code>${name}</code><br><small>${place}${required ? "" : ", optional"}</small></td>
          <td><code>${shapeText(schema)}</code> ${description ?? ""}</td>
        </tr>
      `
    )}</table>
  `;
}

function shape(schema?: Json): Html | string {
  if (schema === undefined || Object.keys(schema).length === 0) return "";
  const name = String(schema.$ref ?? "").split("/").at(-1);
  if (name) return html`<p>A <a href="#schema-${name}"><code>${name}</code></a></p>`;
  return html`<pre><code>${shapeText(schema)}</code></pre>`;
}

function answerText(status: string, { description, headers = {}, content = {} }: Answer): Html {
  const problem = content["application/problem+json"];
  const given = content["application/json"];
  const said = problem
    ? Object.keys(problem.examples ?? {}).map((code) =>
      html`
        <a href="/docs/problems#${code}"><code>${code}</code></a>
      `
    )
    : description;
  const own = Object.keys(headers).filter((name) => name !== "X-Request-Id");
  return html`
    <dt>${status}</dt>
    <dd>${said}
    ${own.length > 0 ? html`<br><small>${own.join(", ")}</small>` : ""}
    ${given ? shape(given.schema) : ""}
    ${given?.example === undefined
      ? ""
      : html`<pre><code>${JSON.stringify(given.example, null, 2)}</code></pre>`}</dd>
  `;
}

/** A command that works once a token is in `$TOKEN`. */
function curlOf({ method, path, operation }: Entry, publicUrl: string): string {
  const { parameters, requestBody, security } = operation;
  const exampleOf = (name: string) =>
    encodeURIComponent(String(parameters.find((found) => found.name === name)?.example ?? ""));
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => exampleOf(name));
  const query = parameters.filter((found) => found.in === "query" && found.required)
    .map(({ name }) => `${name}=${exampleOf(name)}`).join("&");
  const headers = parameters.filter((found) => found.in === "header" && found.required);
  const body = requestBody?.content["application/json"]?.example;
  return [
    `curl${method === "get" ? "" : ` -X ${method.toUpperCase()}`} '${publicUrl}${filled}${
      query && `?${query}`
    }'`,
    ...(security.length > 0 ? [`-H "Authorization: Bearer $TOKEN"`] : []),
    ...headers.map(({ name, example }) => `-H '${name}: ${example}'`),
    ...(body === undefined ? [] : [
      "-H 'Content-Type: application/json'",
      `-d '${JSON.stringify(body).replaceAll("'", "'\\''")}'`,
    ]),
  ].join(" \\\n  ");
}

function deprecationNote({ since, sunset, successor, about }: Deprecation): Html {
  const end = sunset ? `; it may not answer any more from ${sunset} on` : "";
  const instead = successor
    ? html`
      Use <code>${successor}</code>.
    `
    : "";
  const more = about
    ? html`
      <a href="${about}">Read more</a>
    `
    : "";
  return html`<p><strong>Deprecated</strong> since ${since}${end}.${instead}${more}</p>`;
}
