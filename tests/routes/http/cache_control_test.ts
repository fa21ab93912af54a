import assert from "node:assert/strict";
import { api } from "../../../routes/http/env.ts";
import { onError } from "../../../routes/http/errors.ts";
import { reachable } from "../../support/exchange.ts";
import { answerKept, expectedVersion, versionTag } from "../../../routes/http/cache_control.ts";

const routes = api();
routes.onError(onError);
const kept = { body: '{"a":1}', etag: '"abc"' };
routes.get("/now", (c) => answerKept(c, kept, "private, max-age=1"));
routes.get("/later", (c) => answerKept(c, Promise.resolve(kept), "private, max-age=1"));
routes.put("/document", (c) => c.json({ version: expectedVersion(c) ?? "any" }));

const conditional = (ifNoneMatch?: string) =>
  reachable(routes).request("/now", {
    headers: ifNoneMatch ? { "if-none-match": ifNoneMatch } : {},
  });

const known: [ifNoneMatch: string, hasIt: boolean][] = [
  ['"abc"', true],
  ['W/"abc"', true],
  ['"x", "abc"', true],
  ['"x","abc","y"', true],
  ['W/"x" , W/"abc"', true],
  ["*", true],
  ['"ab"', false],
  ['"abcd"', false],
  ["abc", false],
  ['w/"abc"', false],
  ['"x", "y"', false],
  ['"x, "abc', false],
  ["", false],
];

Deno.test("a read that names what the caller has already is 304 without a body, by weak comparison and lists", async () => {
  for (const [ifNoneMatch, hasIt] of known) {
    const response = await conditional(ifNoneMatch);
    assert.equal(response.status, hasIt ? 304 : 200, ifNoneMatch);
    assert.equal(response.headers.get("etag"), kept.etag);
    assert.equal(await response.text(), hasIt ? "" : kept.body);
  }
});

Deno.test("a kept document carries the five headers of the hot path and no other, at once or later", async () => {
  for (const path of ["/now", "/later"]) {
    const response = await reachable(routes).request(path);
    assert.deepEqual(Object.fromEntries(response.headers), {
      "cache-control": "private, max-age=1",
      "content-type": "application/json",
      etag: '"abc"',
      "x-content-type-options": "nosniff",
      "x-request-id": "request-1",
    });
  }
  const unchanged = await conditional('"abc"');
  assert.deepEqual([...unchanged.headers.keys()], ["cache-control", "etag", "x-request-id"]);
});

async function change(ifMatch?: string): Promise<unknown> {
  const headers: Record<string, string> = ifMatch === undefined ? {} : { "if-match": ifMatch };
  const answer = await (await reachable(routes).request("/document", { method: "PUT", headers }))
    .json();
  return answer.code ?? answer.version;
}

Deno.test("a change names the version that it changes, any version, or is told to", async () => {
  assert.equal(await change(), "missing_if_match");
  assert.equal(await change(versionTag(7)), 7);
  assert.equal(await change(' "7" '), 7);
  assert.equal(await change("*"), "any");
  // Whoever compresses the answer on its way makes the tag weak; it names the same version.
  assert.equal(await change('W/"7"'), 7);
  // -1 is no version of anything, so that the verb answers 412.
  for (
    const foreign of [
      '"7", "8"',
      "7",
      '"x"',
      '"-7"',
      '"7.0"',
      '""',
      '"99999999999999999999"',
    ]
  ) {
    assert.equal(await change(foreign), -1, foreign);
  }
});
