import assert from "node:assert/strict";
import { get, post } from "./small_api.ts";

const json = (value: unknown) => JSON.stringify(value);

Deno.test("an unknown field is refused and named, by its whole path", async () => {
  const { status, code, errors } = await post("/notes", json({ text: "x", admin: true }));
  assert.equal(`${status} ${code}`, "422 invalid_request");
  assert.deepEqual(errors, [{ path: "admin", message: "is not known here" }]);
  const inner = await post("/notes", json({ inner: { deep: "x", owner: 1, role: 2 } }));
  assert.deepEqual(inner.errors?.map(({ path }) => path), ["inner.owner", "inner.role"]);
});

Deno.test("fields that reach for an object's prototype are unknown fields like any other", async () => {
  for (const name of ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty"]) {
    const { status, errors } = await post("/notes", `{"${name}":{"polluted":true}}`);
    assert.equal(status, 422, name);
    assert.deepEqual(errors?.map(({ path }) => path), [name]);
  }
  assert.equal(({} as Record<string, unknown>).polluted, undefined);
});

Deno.test("a field __proto__ is refused wherever it stands and however it is spelt, also where any field is taken", async () => {
  const spelt = ["__proto__", "\\u005f_proto__", "__\\u0070roto__", "\\u005F\\u005Fproto\\u005f_"];
  for (const name of spelt) {
    for (const body of [`{"${name}":{}}`, `[{"a":{"${name}":null}}]`]) {
      const { status, code, errors } = await post("/any", body);
      assert.equal(`${status} ${code}`, "422 invalid_request", body);
      assert.deepEqual(errors?.map(({ path }) => path), ["__proto__"]);
    }
  }
  // A text of those letters is a text.
  assert.deepEqual((await post("/any", '{"a":"__proto__"}')).got, { a: "__proto__" });
});

const wrong: [what: string, body: unknown, path: string][] = [
  ["a number as a text", { count: "5" }, "count"],
  ["a fraction", { count: 1.5 }, "count"],
  ["too much", { count: 101 }, "count"],
  ["nothing for a text", { text: null }, "text"],
  ["an object for a text", { text: {} }, "text"],
  ["an object for a list", { lines: { length: 1 } }, "lines"],
  ["one wrong place of many", { lines: ["a", 1, "b"] }, "lines.1"],
  ["a list for the whole", [], ""],
  ["a text for the whole", "text", ""],
  ["nothing for the whole", null, ""],
];

Deno.test("what is well-formed but wrong is 422 and names the place", async () => {
  for (const [what, body, path] of wrong) {
    const { status, code, errors } = await post("/notes", json(body));
    assert.equal(`${status} ${code}`, "422 invalid_request", what);
    assert.equal(errors?.[0]?.path, path, what);
    assert.ok((errors?.[0]?.message.length ?? 0) > 0, what);
  }
});

Deno.test("numbers that JSON can write and a double cannot hold are refused", async () => {
  for (const number of ["1e400", "-1e400", "9007199254740993"]) {
    assert.equal((await post("/notes", `{"count":${number}}`)).status, 422, number);
  }
});

Deno.test("an answer tells of twenty wrong places at most, however many there are", async () => {
  const items = await post("/notes", json({ lines: Array(1_000).fill(1) }));
  assert.equal(items.status, 422);
  assert.equal(items.errors?.length, 20);
  const names = Object.fromEntries(Array.from({ length: 50_000 }, (_, n) => [`field${n}`, n]));
  const unknown = await post("/notes", json(names));
  assert.equal(unknown.errors?.length, 20);
  assert.ok(json(unknown).length < 4_000);
});

Deno.test("what people send is not sent back to them", async () => {
  const canary = "<script>canary</script>";
  for (const body of [{ count: canary }, { lines: [{ a: canary }] }, { inner: canary }]) {
    assert.ok(!json(await post("/notes", json(body))).includes("canary"));
  }
});

Deno.test("the name of an unknown field comes back shortened where it is long", async () => {
  const answer = await post("/notes", json({ ["x".repeat(500_000)]: 1 }));
  assert.equal(answer.status, 422);
  assert.ok(json(answer).length < 4_000, `${json(answer).length} bytes`);
});

Deno.test("for a name given twice the last value counts, and is checked", async () => {
  assert.deepEqual((await post("/notes", '{"count":"x","count":5}')).got, { count: 5 });
  assert.equal((await post("/notes", '{"count":5,"count":"x"}')).status, 422);
});

const id = "0190b0f0-0000-7000-8000-000000000001";

Deno.test("a query parameter that is unknown, given twice or wrong is 422 and named", async () => {
  assert.deepEqual((await get(`/notes/${id}?page=2`)).got, { page: "2" });
  for (
    const [query, path] of [["pages=2", "pages"], ["page=x", "page"], ["page=1&page=2", "page"]]
  ) {
    const { status, code, errors } = await get(`/notes/${id}?${query}`);
    assert.equal(`${status} ${code}`, "422 invalid_request", query);
    assert.equal(errors?.[0]?.path, path, query);
  }
  for (const query of ["__proto__=1", "constructor=1", "page[a]=1", "page%00=1"]) {
    assert.equal((await get(`/notes/${id}?${query}`)).status, 422, query);
  }
});

Deno.test("a malformed id is answered like one that nobody has: 404, without a word about its form", async () => {
  for (
    const malformed of ["1", "x", `${id}0`, id.replaceAll("-", ""), "%00", "..%2f..", "null", "'--"]
  ) {
    const answer = await get(`/notes/${malformed}`);
    assert.equal(`${answer.status} ${answer.code}`, "404 not_found", malformed);
    assert.equal(answer.errors, undefined);
  }
});

Deno.test("another malformed parameter of the path is 422", async () => {
  assert.equal((await get("/symbols/TOOLONG")).status, 422);
  assert.deepEqual((await get("/symbols/AAPL")).got, { symbol: "AAPL" });
});
