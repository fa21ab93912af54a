import assert from "node:assert/strict";
import { createApp } from "../../../routes/mod.ts";
import { jobs } from "../../../workers/mod.ts";
import { createJobDoor } from "../../../workers/receive.ts";
import { examplePlan } from "../../services/plans/example_plan.ts";
import { exchangeOf } from "../../support/exchange.ts";
import { type TestApp, withApp } from "../../support/app.ts";

interface RawAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** Asks over a socket, so that every byte of the answer is seen: also the headers that the server adds. */
async function askRaw(app: TestApp, path: string, token: string, etag = ""): Promise<RawAnswer> {
  const { hostname, port } = new URL(app.url);
  const connection = await Deno.connect({ hostname, port: Number(port) });
  const lines = [
    `GET ${path} HTTP/1.1`,
    `host: ${hostname}:${port}`,
    `authorization: Bearer ${token}`,
    "accept-encoding: gzip, br",
    ...(etag ? [`if-none-match: ${etag}`] : []),
    "connection: close",
  ];
  await connection.write(new TextEncoder().encode(`${lines.join("\r\n")}\r\n\r\n`));
  const bytes = new Uint8Array(await new Response(connection.readable).arrayBuffer());
  const [head = "", ...rest] = new TextDecoder("latin1").decode(bytes).split("\r\n\r\n");
  const [first = "", ...fields] = head.split("\r\n");
  const headers = Object.fromEntries(
    fields.map((field) => field.split(": ", 2) as [string, string]),
  );
  return {
    status: Number(first.split(" ")[1]),
    headers,
    body: rest.join("\r\n\r\n"),
  };
}

const ours = ["cache-control", "content-type", "etag", "x-content-type-options", "x-request-id"];
// What the server itself adds, and what the connection of this test makes it say.
const servers = ["connection", "content-length", "date", "vary"];

async function withHotReads(work: (app: TestApp, token: string, paths: string[]) => Promise<void>) {
  await withApp(async (app) => {
    const { token } = await app.signUp();
    const made = await app.request("/v1/plans", { method: "POST", token, json: examplePlan });
    const plan = (await made.json()).id;
    await work(app, token, ["/v1/quotes/BTC-USD", "/v1/preferences", `/v1/plans/${plan}`]);
  });
}

Deno.test("a hot read carries five headers of ours and nothing besides what the server adds", async () => {
  await withHotReads(async (app, token, paths) => {
    for (const path of paths) {
      const { status, headers } = await askRaw(app, path, token);
      assert.equal(status, 200, path);
      const names = Object.keys(headers).map((name) => name.toLowerCase());
      assert.deepEqual(names.filter((name) => !servers.includes(name)).toSorted(), ours, path);
      assert.match(headers["cache-control"] ?? "", /^private\b/, "no shared cache sees it");
    }
  });
});

Deno.test("whoever has a hot read already is told so, without a body", async () => {
  await withHotReads(async (app, token, paths) => {
    for (const path of paths) {
      const { headers: { etag = "" } } = await askRaw(app, path, token);
      const again = await askRaw(app, path, token, etag);
      const moved = path.startsWith("/v1/quotes/") && again.headers.etag !== etag;
      if (moved) continue;
      assert.deepEqual([again.status, again.body, again.headers.etag], [304, "", etag], path);
    }
  });
});

Deno.test("no pattern of the route table is too much for the fast router, the job door's included", async () => {
  await withApp(async (app) => {
    const api = createApp(app.url);
    const context = () => app.deps.context("test", { address: "", userAgent: "" });
    const verify = app.deps.verifyDelivery;
    const atOnceMax = { short: 1, long: 1 };
    const door = createJobDoor({ publicUrl: app.url, verify, context, atOnceMax }, jobs);
    api.route("/", door as never);
    await (await api.request("/healthz", {}, exchangeOf({}))).body?.cancel();
    assert.equal(api.router.name, "SmartRouter + RegExpRouter");
  });
});
