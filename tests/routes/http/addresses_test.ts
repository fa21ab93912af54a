import assert from "node:assert/strict";
import { findHot, hotAddresses } from "../../../routes/hot.ts";
import { entriesOf } from "../../../routes/http/addresses.ts";
import { addressesOf, createApp, docs } from "../../../routes/mod.ts";

const addresses = addressesOf(createApp("http://almanac.example"));
const isPublic = (method: string, path: string) => addresses.find(method, path).isPublic;

const cases: [method: string, path: string, open: boolean][] = [
  ["POST", "/v1/auth/login", true],
  ["GET", "/v1/auth/login", false],
  ["POST", "/v1/auth/login/", false],
  ["POST", "/v1/auth/login/x", false],
  ["POST", "/v1/auth/logout", false],
  ["GET", "/v1/me", false],
  ["GET", "/v1/nothing-here", false],
  ["GET", "/v1/", false],
  ["GET", "/v1/quotes/AAPL", false],
  ["DELETE", "/v1/plans/x", false],
  ["PROPFIND", "/v1/me", false],
  // Outside of /v1 each address proves its caller by itself, or does not exist.
  ["GET", "/healthz", true],
  ["POST", "/jobs/tick", true],
];

Deno.test("below /v1, what the documentation does not call public needs a sign-in, known address or not", () => {
  for (const [method, path, open] of cases) {
    assert.equal(isPublic(method, path), open, `${method} ${path}`);
  }
});

Deno.test("every public route is found public, and no other one", () => {
  for (const [route, { access }] of Object.entries(docs)) {
    const [method = "", path = ""] = route.split(" ");
    if (!path.startsWith("/v1/")) continue;
    const asked = path.replace(/:\w+/g, "something");
    assert.equal(isPublic(method, asked), access === "public", route);
  }
});

Deno.test("the front of the house knows of its few addresses what their documentation says of them", () => {
  const documented = new Map(entriesOf(docs, () => false).map((entry) => [entry.route, entry]));
  for (const { isHot: _, read: __, takesQuery, ...hot } of hotAddresses) {
    assert.deepEqual({ ...hot, takesQuery: false }, documented.get(hot.route), hot.route);
    assert.equal(takesQuery, !hot.route.includes(" /v1/"));
  }
});

Deno.test("an address is found by its path as Hono reads it, whatever the method", () => {
  assert.equal(addresses.find("HEAD", "/v1/quotes/AAPL").route, "GET /v1/quotes/:symbol");
  assert.equal(addresses.find("GET", "/v1/quotes/AAPL/").route, "unknown");
  assert.equal(addresses.find("GET", "/V1/quotes/AAPL").route, "unknown");
  assert.deepEqual(addresses.methodsOf("/v1/preferences"), ["GET", "PUT", "PATCH"]);
  assert.deepEqual(addresses.methodsOf("/v1/nothing"), []);
});

Deno.test("the front takes what is spelt plainly, and leaves every other spelling to the router", () => {
  const id = "0190b0f0-0000-7000-8000-000000000001";
  const found = [
    "/healthz",
    "/v1/quotes/AAPL",
    "/v1/quotes/",
    "/v1/preferences",
    `/v1/plans/${id}`,
  ];
  assert.deepEqual(found.map((path) => findHot("GET", path)?.route), [
    "GET /healthz",
    "GET /v1/quotes/:symbol",
    undefined,
    "GET /v1/preferences",
    "GET /v1/plans/:id",
  ]);
  const others = [
    "/v1/quotes",
    "/v1/quotes/A/B",
    "/v1/quotes/%41APL",
    "/v1/preferences/",
    "/healthz/",
  ];
  for (const path of others) assert.equal(findHot("GET", path), undefined, path);
  assert.equal(findHot("HEAD", "/healthz"), undefined);
  assert.equal(findHot("PUT", "/v1/preferences"), undefined);
});
