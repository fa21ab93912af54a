import assert from "node:assert/strict";
import { readDocument } from "../../dev/fuzz/document.ts";
import { faultsOf, readAnswer } from "../../dev/fuzz/judge.ts";
import { describeApp } from "../../dev/openapi.ts";
import { docs } from "../../routes/mod.ts";
import type { RouteDoc } from "../../routes/http/describe.ts";
import type { Checked } from "../../routes/http/validate.ts";
import { mountedRoutes } from "../../routes/http/mounted_routes.ts";
import { createApp } from "../../routes/mod.ts";
import { examplePlan } from "../services/plans/example_plan.ts";
import type { TestApp } from "./app.ts";

/** A route of the API as tests look at it. */
export interface Endpoint {
  /** `GET /v1/plans/:id`. */
  route: string;
  method: string;
  path: string;
  doc: RouteDoc | undefined;
  checks: Checked[];
}

/** Every route that the app has mounted, documented or not. */
export function endpointsOf(app: TestApp): Endpoint[] {
  const mounted = mountedRoutes(createApp(app.url));
  return [...mounted].map(([route, checks]) => {
    const [method = "", path = ""] = route.split(" ");
    return { route, method, path, doc: docs[route], checks };
  });
}

/** Bodies of routes whose documentation has no example. */
const bodies: Record<string, unknown> = {
  "POST /v1/plans": examplePlan,
  "PATCH /v1/plans/:id": { name: "Another name" },
  "POST /v1/plans/:id/simulations": { paths: 1_000 },
  "POST /v1/auth/refresh": { refreshToken: "spent" },
};

/** What a route cannot do without. */
export const queries: Record<string, string> = {
  "GET /v1/quotes": "?symbols=AAPL",
};

/** Parameters of a path that are no ids of anybody's. */
export const parameters: Record<string, string> = {
  symbol: "AAPL",
  versionId: "1",
  job: "dispatch_notifications",
};

/** A body that the route takes: the example of its documentation or of its schema, or one from the table above. */
export function exampleBody({ route, doc, checks }: Endpoint): unknown {
  const schema = checks.find(({ target }) => target === "json")?.schema;
  if (schema === undefined) return undefined;
  const example = doc?.example ?? schema.meta()?.example ?? bodies[route];
  if (example === undefined) throw new Error(`give ${route} an example in its documentation`);
  return example;
}

export function takesId({ path }: Endpoint): boolean {
  return path.includes(":id");
}

let documented: ReturnType<typeof readDocument> | undefined;

/** Fails where an answer is not as the OpenAPI document has it. */
async function assertDocumented({ route, method, path }: Endpoint, response: Response) {
  const api = documented ??= readDocument(describeApp());
  const name = `${method} ${path.replace(/:(\w+)/g, "{$1}")}`;
  const operation = api.operations.find((found) => found.name === name);
  assert.ok(operation, name);
  assert.deepEqual(faultsOf(api, operation, await readAnswer(response)), [], route);
}

/** Asks a route as it wants to be asked, with `id` wherever its path has one. The answer is one that is documented. */
export async function ask(
  app: TestApp,
  endpoint: Endpoint,
  { token, id = "", headers = {} }: {
    token?: string;
    id?: string;
    headers?: Record<string, string>;
  },
): Promise<Response> {
  const { route, method, path } = endpoint;
  const asked = path.replace(/:(\w+)/g, (_, name: string) => parameters[name] ?? id);
  const response = await app.request(asked + (queries[route] ?? ""), {
    method,
    token,
    json: exampleBody(endpoint),
    headers: { "if-match": '"1"', ...headers },
  });
  await assertDocumented(endpoint, response.clone());
  return response;
}
