import assert from "node:assert/strict";
import * as z from "zod";
import {
  addHeaders,
  type Deprecation,
  deprecationHeaders,
} from "../../../routes/http/deprecation.ts";
import type { RouteDocs } from "../../../routes/http/describe.ts";
import { api } from "../../../routes/http/env.ts";
import { docs } from "../../../routes/mod.ts";
import { buildOpenApi } from "../../../routes/openapi.ts";
import { apiReferencePage } from "../../../routes/pages/api_reference.ts";

const leaving: Deprecation = {
  since: "2026-10-01",
  sunset: "2027-04-01",
  successor: "/v1/notes",
  about: "https://example.com/moving",
};

Deno.test("the headers of a deprecated route are those of RFC 9745, RFC 8594 and RFC 8288", () => {
  assert.deepEqual(deprecationHeaders(leaving), [
    // 2026-10-01T00:00:00Z, by `date -u -d 2026-10-01 +%s`.
    ["deprecation", "@1790812800"],
    ["sunset", "Thu, 01 Apr 2027 00:00:00 GMT"],
    ["link", '<https://example.com/moving>; rel="deprecation"'],
    ["link", '</v1/notes>; rel="successor-version"'],
  ]);
  assert.deepEqual(deprecationHeaders({ since: "2026-10-01" }), [["deprecation", "@1790812800"]]);
});

Deno.test("a successor with parameters in its address is a template, as RFC 9652 writes it", () => {
  const headers = deprecationHeaders({ since: "2026-10-01", successor: "/v1/notes/:id/parts/:n" });
  assert.deepEqual(headers?.[1], [
    "link-template",
    '"/v1/notes/{id}/parts/{n}"; rel="successor-version"',
  ]);
});

Deno.test("days that are none, and an end before the beginning, are found when the headers are made", () => {
  const wrong: Deprecation[] = [
    { since: "October" },
    { since: "2026-13-01" },
    { since: "2026-10-01", sunset: "soon" },
    { since: "2026-10-01", sunset: "2026-09-30" },
  ];
  for (const deprecated of wrong) {
    assert.throws(() => deprecationHeaders(deprecated), RangeError, JSON.stringify(deprecated));
  }
});

Deno.test("what the documentation says of every route can be made into headers", () => {
  for (const { deprecated } of Object.values(docs)) deprecationHeaders(deprecated);
});

const smallDocs: RouteDocs = {
  "GET /v1/old": {
    summary: "Old",
    access: "public",
    answers: { 200: z.object({}) },
    deprecated: leaving,
  },
  "GET /v1/notes": { summary: "New", access: "public", answers: { 200: z.object({}) } },
};
const smallApi = api()
  .get("/v1/old", (c) => c.json({}, 200, { link: '</next>; rel="next"' }))
  .get("/v1/notes", (c) => c.json({}));

Deno.test("a deprecated route's answer keeps the links it has; no other route's answer says anything", async () => {
  const answer = async (path: string) => {
    const response = await smallApi.request(path);
    addHeaders(response, deprecationHeaders(smallDocs[`GET ${path}`]?.deprecated) ?? []);
    return response.headers;
  };
  const old = await answer("/v1/old");
  assert.equal(old.get("deprecation"), "@1790812800");
  assert.equal(old.get("sunset"), "Thu, 01 Apr 2027 00:00:00 GMT");
  assert.deepEqual(old.get("link")?.split(", "), [
    '</next>; rel="next"',
    '<https://example.com/moving>; rel="deprecation"',
    '</v1/notes>; rel="successor-version"',
  ]);
  const current = await answer("/v1/notes");
  for (const name of ["deprecation", "sunset", "link"]) assert.equal(current.get(name), null);
});

Deno.test("the OpenAPI document and the page say which route is deprecated, and of no other one", () => {
  const document = buildOpenApi(smallApi, smallDocs, "https://api.example.com");
  const paths = document.paths as Record<string, Record<string, Record<string, unknown>>>;
  assert.equal(paths["/v1/old"]?.get?.deprecated, true);
  assert.deepEqual(paths["/v1/old"]?.get?.["x-deprecated"], leaving);
  assert.equal("deprecated" in (paths["/v1/notes"]?.get ?? {}), false);
  const page = apiReferencePage(document);
  assert.equal(page.split("<strong>Deprecated</strong>").length, 2);
  const said = page.slice(page.indexOf("<strong>Deprecated"), page.indexOf("Read more"));
  for (const word of ["2026-10-01", "2027-04-01", "/v1/notes", "https://example.com/moving"]) {
    assert.ok(said.includes(word), word);
  }
});
