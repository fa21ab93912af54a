import assert from "node:assert/strict";
import fc from "fast-check";
import { startFuzzApp } from "../../dev/fuzz/app.ts";
import { brokenBody } from "../../dev/fuzz/bodies.ts";
import { toCurl } from "../../dev/fuzz/curl.ts";
import { readDocument } from "../../dev/fuzz/document.ts";
import { faultsOf } from "../../dev/fuzz/judge.ts";
import { describeFinding, fuzz } from "../../dev/fuzz/run.ts";
import { valuesFor } from "../../dev/fuzz/values.ts";
import { describeApp } from "../../dev/openapi.ts";
import { safeHeaders } from "../../lib/problem.ts";
import { cloneDatabase } from "../support/database.ts";

const document = describeApp();
const api = readDocument(document);
const fixedSeed = 20_260_130;

async function fuzzOnce(requests: number, seed: number) {
  const database = await cloneDatabase();
  try {
    await using app = await startFuzzApp(database.url);
    const result = await fuzz(app, { requests, seed, report() {} });
    return { ...result, logged: app.logged };
  } finally {
    await database.drop();
  }
}

for (const [which, seed] of [["the same", fixedSeed], ["new", Date.now() % 1_000_000]] as const) {
  Deno.test(`no request of ${which} ones, however broken, gets an answer that is not documented (seed ${seed})`, async () => {
    const { findings, answers, requests, logged } = await fuzzOnce(750, seed);
    assert.equal(findings.map(describeFinding).join("\n\n"), "");
    assert.deepEqual(logged, []);
    assert.ok(requests >= 750);
    // Were most of them refused at the door, nothing behind it would have been asked.
    const taken = [...answers.values()].filter((byStatus) =>
      [...byStatus.keys()].some((status) => status < 300)
    );
    assert.ok(taken.length > api.operations.length / 2, `only ${taken.length} took anything`);
  });
}

function operationOf(name: string) {
  const operation = api.operations.find((found) => found.name === name);
  assert.ok(operation, name);
  return operation;
}

function answered(status: number, body: unknown, headers: Record<string, string | undefined> = {}) {
  const type = status >= 400 ? "application/problem+json" : "application/json";
  const all = { ...safeHeaders, "x-request-id": "abcdefgh", "content-type": type, ...headers };
  const sent = Object.entries(all).filter((pair): pair is [string, string] =>
    pair[1] !== undefined
  );
  return { status, headers: new Headers(sent), text: JSON.stringify(body) };
}

const notFound = {
  type: "/docs/problems#not_found",
  title: "There is nothing here that you can see.",
  status: 404,
  code: "not_found",
  instance: "urn:request:abcdefgh",
};

Deno.test("an answer as documented has no fault", () => {
  const badge = operationOf("GET /v1/inbox/badge");
  assert.deepEqual(faultsOf(api, badge, answered(200, { unread: 3 })), []);
  const plan = operationOf("GET /v1/plans/{id}");
  assert.deepEqual(faultsOf(api, plan, answered(404, notFound)), []);
});

const planted: [what: string, fault: RegExp, answer: ReturnType<typeof answered>][] = [
  ["a bug", /answers 500/, answered(500, { ...notFound, status: 500, code: "internal" })],
  ["another status", /418 is not documented/, answered(418, notFound)],
  ["another code", /does not fit/, answered(404, { ...notFound, code: "email_taken" })],
  ["a field that is none", /does not fit/, answered(404, { ...notFound, stack: "x" })],
  ["SQL", /inside/, answered(404, { ...notFound, detail: 'relation "plans" does not exist' })],
  ["a stack", /inside/, answered(404, { ...notFound, detail: "at async getPlan (plans.ts:3)" })],
  ["another id", /names no request/, answered(404, { ...notFound, instance: "urn:request:x" })],
  ["no id", /x-request-id/, answered(404, notFound, { "x-request-id": undefined })],
  ["no wall", /lacks x-frame/, answered(404, notFound, { "x-frame-options": undefined })],
  ["another type", /documented is/, answered(404, notFound, { "content-type": "text/html" })],
  ["a header that means something", /link/, answered(404, notFound, { link: "<x>" })],
  ["no entity tag", /etag/, answered(200, {})],
  [
    "too many errors",
    /does not fit/,
    answered(422, {
      ...notFound,
      status: 422,
      code: "invalid_request",
      type: "/docs/problems#invalid_request",
      errors: Array.from({ length: 21 }, () => ({ path: "a", message: "b" })),
    }),
  ],
];

Deno.test("each thing that can be wrong with an answer is found", () => {
  const plan = operationOf("GET /v1/plans/{id}");
  for (const [what, fault, answer] of planted) {
    assert.match(faultsOf(api, plan, answer).join("\n"), fault, what);
  }
});

Deno.test("values that are made for a schema fit it", () => {
  for (const { name, body, parameters } of api.operations) {
    const schemas = [
      ...parameters.map(({ schema }) => schema),
      ...(body?.schema ? [body.schema] : []),
    ];
    for (const schema of schemas) {
      fc.assert(
        fc.property(valuesFor(api, schema), (value) => {
          assert.deepEqual(api.misfits(schema, JSON.parse(JSON.stringify(value))), [], name);
        }),
        { numRuns: 20, seed: fixedSeed },
      );
    }
  }
});

Deno.test("most bodies that are meant to be broken are", () => {
  const { body } = operationOf("POST /v1/alerts");
  assert.ok(body?.schema);
  const bodies = fc.sample(brokenBody(api, body), { numRuns: 300, seed: fixedSeed });
  const broken = bodies.filter(({ content }) => {
    try {
      return typeof content !== "string" ||
        api.misfits(body.schema ?? {}, JSON.parse(content)).length > 0;
    } catch {
      return true;
    }
  });
  assert.ok(broken.length > 200, String(broken.length));
});

Deno.test("a request is told as a command that a shell understands, quotes and all that no terminal shows included", async () => {
  const body = 'it\'s \0 ä 🏳 \\ "x"\n';
  const curl = toCurl({ method: "POST", url: "http://x/", headers: { a: "b'c" }, body });
  const script = `curl() { for last; do :; done; printf %s "$last"; }; ${
    curl.replace("\\x00", "")
  }`;
  const { stdout } = await new Deno.Command("bash", {
    args: ["-c", script],
    env: { LC_ALL: "C.UTF-8" },
  })
    .output();
  assert.equal(new TextDecoder().decode(stdout), body.replace("\0", ""));
});
