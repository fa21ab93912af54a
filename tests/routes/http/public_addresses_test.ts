import assert from "node:assert/strict";
import { publicAddresses } from "../../../routes/http/public_addresses.ts";
import { docs } from "../../../routes/mod.ts";

const isPublic = publicAddresses(docs);

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
