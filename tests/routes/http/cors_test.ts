import assert from "node:assert/strict";
import { cors } from "../../../routes/http/cors.ts";

const ours = "https://app.example.com";
const policy = cors([ours]);

function preflight(origin: string | null, method = "OPTIONS") {
  const headers = new Headers({ "access-control-request-method": "PUT" });
  if (origin !== null) headers.set("origin", origin);
  return policy.preflight(method, headers);
}

Deno.test("a preflight of an allowed origin is answered with what its pages may send", () => {
  const headers = preflight(ours)?.headers;
  assert.equal(headers?.get("access-control-allow-origin"), ours);
  assert.match(headers?.get("access-control-allow-methods") ?? "", /PUT.*PATCH.*DELETE/);
  for (const name of ["authorization", "content-type", "if-match", "idempotency-key"]) {
    assert.match(headers?.get("access-control-allow-headers") ?? "", new RegExp(name));
  }
  assert.match(headers?.get("vary") ?? "", /origin/);
});

Deno.test("an origin that is not on the list is allowed nothing, however alike it looks", () => {
  for (
    const origin of [
      "https://app.example.com.evil.example",
      "https://evil-app.example.com",
      "http://app.example.com",
      "https://app.example.com:8443",
      "HTTPS://APP.EXAMPLE.COM",
      "null",
      "*",
    ]
  ) {
    const answer = preflight(origin);
    assert.equal(answer?.headers.get("access-control-allow-origin"), null, origin);
    const response = new Response();
    policy.allow(origin, response);
    assert.equal(response.headers.get("access-control-allow-origin"), null, origin);
  }
});

Deno.test("credentials are never allowed: no cookie is ours, and a token is sent by hand", () => {
  assert.equal(preflight(ours)?.headers.get("access-control-allow-credentials"), null);
});

Deno.test("what is no preflight is left to its route", () => {
  assert.equal(preflight(null), undefined);
  assert.equal(preflight(ours, "PUT"), undefined);
  assert.equal(policy.preflight("OPTIONS", new Headers({ origin: ours })), undefined);
});

Deno.test("pages of an allowed origin can read what the API says in headers", () => {
  const response = new Response(null, { headers: { vary: "accept" } });
  policy.allow(ours, response);
  assert.equal(response.headers.get("access-control-allow-origin"), ours);
  assert.match(response.headers.get("access-control-expose-headers") ?? "", /etag.*retry-after/);
  assert.equal(response.headers.get("vary"), "accept, origin");
});
