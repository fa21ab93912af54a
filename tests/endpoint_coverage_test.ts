import assert from "node:assert/strict";
import { catalogue } from "../lib/errors.ts";
import { permissionsOf } from "../services/auth/model/mod.ts";
import { docs } from "../routes/mod.ts";
import { type SignedUp, type TestApp, withApp } from "./support/app.ts";
import { ask, type Endpoint, endpointsOf, exampleBody, takesId } from "./support/endpoints.ts";
import { fingerprint } from "./support/fingerprint.ts";
import { allPermissions, signToken } from "./support/tokens.ts";

/** Public routes that prove their caller in another way than by an access token, each with the test that holds it to that. */
const provenOtherwise: Record<string, string> = {
  "GET /metrics": "a token of its own, or the caller's machine: tests/routes/metrics_test.ts",
  "POST /webhooks/sendgrid": "a vendor's signature: tests/routes/receipts_test.ts",
  "GET /v1/stream": "a token in the first message: tests/routes/live_test.ts",
};

/** The public routes there are; another one is a decision, made here. */
const open = [
  "GET /.well-known/jwks.json",
  "GET /docs",
  "GET /docs/problems",
  "GET /healthz",
  "GET /openapi.json",
  "GET /readyz",
  "POST /v1/auth/login",
  "POST /v1/auth/refresh",
  "POST /v1/auth/register",
];

const unknownId = "0190b0f0-0000-7000-8000-00000000dead";
const malformedIds = ["1", "null", "%00", `${unknownId}0`, "..%2F..%2Fme", "'%20or%20true--"];

/** What belongs to nobody: whoever has the permission sees all of it, and nobody owns a part. */
const ownerless = ["errors", "dead-letters"];

const isPrivate = ({ doc }: Endpoint) => doc?.access !== "public";
const isOwned = ({ path }: Endpoint) => !ownerless.includes(path.split("/")[2] ?? "");
const needsPermission = (endpoint: Endpoint) =>
  isPrivate(endpoint) && endpoint.doc?.access !== "person";

async function said(response: Response): Promise<string> {
  const { code = "" } = await response.json().catch(() => ({}));
  return `${response.status} ${code}`.trim();
}

Deno.test("every route is documented, and everything documented is a route", async () => {
  await withApp((app) => {
    const routes = endpointsOf(app).map(({ route }) => route).toSorted();
    assert.ok(routes.length > 40);
    assert.deepEqual(routes, Object.keys(docs).toSorted());
    return Promise.resolve();
  });
});

Deno.test("a route that needs no sign-in is on the list of those, and no other one is", () => {
  const documented = Object.keys(docs).filter((route) => docs[route]?.access === "public");
  assert.deepEqual(documented.toSorted(), [...open, ...Object.keys(provenOtherwise)].toSorted());
});

Deno.test("every permission that a route asks for is one that some role has", () => {
  for (const [route, { access }] of Object.entries(docs)) {
    if (access === "public" || access === "person") continue;
    assert.ok(allPermissions.includes(access), `${route}: ${access}`);
  }
});

Deno.test("every private route answers 401 to whoever is not signed in, before it looks at anything else", async () => {
  await withApp(async (app) => {
    const before = await fingerprint(app.inspect);
    for (const { route, method, path } of endpointsOf(app).filter(isPrivate)) {
      const nonsense = path.replace(/:\w+/g, "%00nonsense");
      const body = method === "GET" ? {} : { body: "{nonsense" };
      const response = await app.request(`${nonsense}?nonsense=1`, { method, ...body });
      assert.equal(await said(response), "401 not_signed_in", route);
    }
    assert.deepEqual(await fingerprint(app.inspect), before);
  });
});

Deno.test("every route with a permission answers 403 to a person who has every other one, and changes nothing", async () => {
  await withApp(async (app) => {
    const owned = await arrange(app);
    const before = await fingerprint(app.inspect);
    for (const endpoint of endpointsOf(app).filter(needsPermission)) {
      const { route, doc, path } = endpoint;
      const others = allPermissions.filter((permission) => permission !== doc?.access);
      const token = await signToken(app, owned.person.userId, others);
      // Their own things, so that nothing but the permission stands in the way.
      const response = await ask(app, endpoint, { token, id: owned.idOf(path) });
      assert.equal(await said(response), "403 forbidden", route);
    }
    assert.deepEqual(await fingerprint(app.inspect), before);
  });
});

Deno.test("a viewer may read what a client may, and change nothing", async () => {
  await withApp(async (app) => {
    const { person } = await arrange(app);
    const token = await signToken(app, person.userId, permissionsOf("viewer", []));
    const writing = endpointsOf(app).filter((endpoint) =>
      needsPermission(endpoint) && endpoint.method !== "GET"
    );
    assert.ok(writing.length >= 12);
    for (const endpoint of writing) {
      const response = await ask(app, endpoint, { token, id: unknownId });
      assert.equal(await said(response), "403 forbidden", endpoint.route);
    }
  });
});

Deno.test("what is somebody else's, unknown or no id at all is 404 for every route with an id, and nothing changes", async () => {
  await withApp(async (app) => {
    const owned = await arrange(app);
    const stranger = await app.signUp("stranger");
    await app.settle();
    // All that a person can be allowed without being staff, who may see what they support.
    const staff = [
      "notifications:write",
      "market:write",
      "ops:read",
      "ops:write",
      "jobs:read",
      "jobs:write",
    ];
    const permissions = permissionsOf("client", staff);
    const token = await signToken(app, stranger.userId, permissions);
    const before = await fingerprint(app.inspect);
    const withId = endpointsOf(app).filter(takesId);
    assert.ok(withId.length >= 14);
    for (const endpoint of withId) {
      const theirs = isOwned(endpoint) ? [owned.idOf(endpoint.path)] : [];
      for (const id of [...theirs, unknownId, ...malformedIds]) {
        const response = await ask(app, endpoint, { token, id });
        assert.equal(await said(response), "404 not_found", `${endpoint.route} ${id}`);
      }
    }
    assert.deepEqual(await fingerprint(app.inspect), before);
  });
});

Deno.test("the owner of the same things gets through to them: the refusals above are about who asks", async () => {
  await withApp(async (app) => {
    const owned = await arrange(app);
    const { person } = owned;
    const staffToken = await signToken(app, person.userId, allPermissions);
    for (const endpoint of endpointsOf(app).filter(takesId)) {
      if (endpoint.method === "DELETE") continue;
      const token = isOwned(endpoint) ? person.token : staffToken;
      const response = await ask(app, endpoint, { token, id: owned.idOf(endpoint.path) });
      const answer = await said(response);
      assert.ok(!/^(401|403|404)/.test(answer), `${endpoint.route}: ${answer}`);
      assert.ok(response.status < 500, `${endpoint.route}: ${answer}`);
    }
    await app.settle();
  });
});

Deno.test("ids of somebody else's things in a body change nothing of theirs", async () => {
  await withApp(async (app) => {
    const owned = await arrange(app);
    const { token } = await app.signUp("stranger");
    await app.settle();
    const theirs = async () => {
      const { audit_log: _, ...tables } = await fingerprint(app.inspect);
      return tables;
    };
    const before = await theirs();
    const [message] = await app.inspect.sql<{ id: string }[]>`
      select id from notifications where user_id = ${owned.person.userId} and channel = 'in_app'`;
    const plan = { ...exampleOf(app, "POST /v1/plans"), id: owned.ids.plans };
    const alert = { ...exampleOf(app, "POST /v1/alerts"), id: owned.ids.alerts };
    const watchlist = { ...exampleOf(app, "POST /v1/watchlists"), id: owned.ids.watchlists };
    const asked: [path: string, json: unknown, answers: RegExp][] = [
      ["/v1/inbox/read", { ids: [message?.id] }, /^200|^404/],
      ["/v1/inbox/archive", { ids: [message?.id] }, /^200|^404/],
      ["/v1/plans", plan, /^409 conflict/],
      ["/v1/alerts", alert, /^409 conflict/],
      ["/v1/watchlists", watchlist, /^409 conflict/],
    ];
    for (const [path, json, answers] of asked) {
      assert.match(
        await said(await app.request(path, { method: "POST", token, json })),
        answers,
        path,
      );
      assert.deepEqual(await theirs(), before, path);
    }
  });
});

Deno.test("every example in the documentation passes the check of its own route", async () => {
  await withApp((app) => {
    for (const endpoint of endpointsOf(app)) {
      const schema = endpoint.checks.find(({ target }) => target === "json")?.schema;
      if (schema === undefined) continue;
      const read = schema.safeParse(exampleBody(endpoint));
      assert.ok(read.success, `${endpoint.route}: ${read.error?.message}`);
    }
    return Promise.resolve();
  });
});

Deno.test("every status in the OpenAPI document is an answer of its route or a status of the catalogue", async () => {
  await withApp(async (app) => {
    const document = await (await app.request("/openapi.json")).json();
    const known = new Set(Object.values(catalogue).map(({ status }) => String(status)));
    const found = new Set<string>();
    for (const [path, methods] of Object.entries<Record<string, Operation>>(document.paths)) {
      for (const [method, { responses, security }] of Object.entries(methods)) {
        const route = `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ":$1")}`;
        found.add(route);
        const doc = docs[route];
        assert.ok(doc, route);
        const answers = Object.keys(doc.answers);
        for (const status of Object.keys(responses)) {
          const ours = Number(status) >= 400
            ? known.has(status) || answers.includes(status)
            : answers.includes(status);
          assert.ok(ours, `${route}: ${status}`);
        }
        for (const code of doc.problems ?? []) assert.ok(code in catalogue, `${route}: ${code}`);
        const isOpen = security?.length === 0;
        assert.equal(isOpen, doc.access === "public", route);
        if (!isOpen) assert.ok(responses["401"], route);
      }
    }
    assert.deepEqual([...found].toSorted(), Object.keys(docs).toSorted());
  });
});

interface Operation {
  responses: Record<string, unknown>;
  security?: unknown[];
}

interface Owned {
  person: SignedUp;
  ids: Record<string, string>;
  /** The id of the thing that a path is about. */
  idOf(path: string): string;
}

/** A person with one of everything that has an id in a path. */
async function arrange(app: TestApp): Promise<Owned> {
  const person = await app.signUp("owner");
  const { token } = person;
  const make = async (path: string, json: unknown): Promise<string> => {
    const response = await app.request(path, { method: "POST", token, json });
    assert.ok(response.ok, `${path}: ${response.status} ${await response.clone().text()}`);
    return (await response.json()).id;
  };
  const plans = await make("/v1/plans", exampleOf(app, "POST /v1/plans"));
  const simulations = await make(`/v1/plans/${plans}/simulations`, { paths: 1_000 });
  const alerts = await make("/v1/alerts", exampleOf(app, "POST /v1/alerts"));
  const watchlists = await make("/v1/watchlists", exampleOf(app, "POST /v1/watchlists"));
  const apiKeys = await make("/v1/api-keys", exampleOf(app, "POST /v1/api-keys"));
  await app.settle();
  const [message] = await app.inspect.sql<{ id: string }[]>`
    select id from notifications where user_id = ${person.userId} and channel = 'email'`;
  const [item] = await app.inspect.sql<{ id: string }[]>`
    select id from notifications where user_id = ${person.userId} and channel = 'in_app'`;
  const [error] = await app.inspect.sql<{ id: string }[]>`
    insert into error_groups
      (id, fingerprint, name, template, place, first_seen_at, last_seen_at, count)
    values (gen_random_uuid(), '00000000000000aa', 'Error', 'an error', 'nowhere', now(), now(), 1)
    returning id`;
  const [letter] = await app.inspect.sql<{ id: string }[]>`
    insert into dead_letters (id, job, key, version, payload, reason, attempts)
    values (gen_random_uuid(), 'apply_receipts', 'k', 1, '{}', 'no answer', 6) returning id`;
  const ids: Record<string, string> = {
    "dead-letters": letter?.id ?? "",
    errors: error?.id ?? "",
    plans,
    simulations,
    alerts,
    watchlists,
    "api-keys": apiKeys,
    notifications: message?.id ?? "",
    inbox: item?.id ?? "",
  };
  return {
    person,
    ids,
    idOf(path) {
      const noun = path.split("/")[2] ?? "";
      if (!path.includes(":id")) return "";
      return ids[noun] ?? assert.fail(`arrange() makes nothing for ${path}`);
    },
  };
}

function exampleOf(app: TestApp, route: string): Record<string, unknown> {
  const endpoint = endpointsOf(app).find((found) => found.route === route);
  assert.ok(endpoint, route);
  return exampleBody(endpoint) as Record<string, unknown>;
}
