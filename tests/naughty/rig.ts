import { randomBytes } from "node:crypto";
import { assemble } from "../../main.ts";
import { createPasswordHasher } from "../../services/auth/passwords.ts";
import type { TestApp } from "../support/app.ts";
import { type Endpoint, endpointsOf, exampleBody } from "../support/endpoints.ts";
import type { Answer } from "./judge.ts";

/** The app in this process, and what it says of itself. */
export interface Rig {
  app: TestApp;
  endpoints: Endpoint[];
  find(route: string): Endpoint | undefined;
  send(path: string, init: RequestInit): Promise<Answer>;
  /** The statuses that the OpenAPI document promises of a route. */
  statusesOf(endpoint: Endpoint): Set<number>;
}

type Paths = Record<string, Record<string, { responses: Record<string, unknown> }>>;

const remoteAddr = { transport: "tcp", hostname: "127.0.0.1", port: 9 };
// Tens of thousands of requests; what a hash costs is not what is tried here.
const cheapHash = { memoryKib: 64, passes: 1, lanes: 1 };

/** The app as it is called at most: behind a proxy, and for pages of another origin. */
export async function startRig(app: TestApp, env: Record<string, string> = {}): Promise<Rig> {
  const { deps } = app.another({
    TRUSTED_PROXIES: "1",
    CORS_ORIGINS: "https://app.example.com",
    ...env,
  });
  const passwords = createPasswordHasher((size) => new Uint8Array(randomBytes(size)), cheapHash);
  const handle = assemble({
    ...deps,
    context(requestId, origin) {
      const ctx = deps.context(requestId, origin);
      ctx.keys = { ...ctx.keys, passwords: () => Promise.resolve(passwords) };
      return ctx;
    },
  });
  const send = async (path: string, init: RequestInit): Promise<Answer> => {
    const response = await handle(new Request(app.url + path, init), { remoteAddr });
    return await read(response);
  };
  const endpoints = endpointsOf(app);
  // The person of the documentation's examples, who has signed in before, so that no try can lock them out.
  for (const route of ["POST /v1/auth/register", "POST /v1/auth/login"]) {
    const body = JSON.stringify(exampleBody(endpoints.find((known) => known.route === route)!));
    const headers = { "content-type": "application/json" };
    const { status, text } = await send(route.slice(5), { method: "POST", headers, body });
    if (status >= 300) throw new Error(`${route}: ${status} ${text}`);
  }
  const { paths }: { paths: Paths } = JSON.parse((await send("/openapi.json", {})).text);
  return {
    app,
    endpoints,
    find: (route) => endpoints.find((endpoint) => endpoint.route === route),
    send,
    statusesOf({ path, method }) {
      const operation = paths[path.replace(/:(\w+)/g, "{$1}")]?.[method.toLowerCase()];
      return new Set(Object.keys(operation?.responses ?? {}).map(Number));
    },
  };
}

async function read(response: Response): Promise<Answer> {
  const { status, headers } = response;
  // A live stream has no end.
  if (headers.get("content-type") === "text/event-stream") await response.body?.cancel();
  return { status, headers, text: response.bodyUsed ? "" : await response.text() };
}
