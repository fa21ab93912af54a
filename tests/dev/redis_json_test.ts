import assert from "node:assert/strict";
import fc from "fast-check";
import { connect, send, testAsUpstash } from "./redis_support.ts";

const shop = {
  name: "Corner",
  open: true,
  books: [
    { title: "A", price: 8.5, tags: ["new", "blue"] },
    { title: "B", price: 12, tags: [] },
    { title: "Bb", price: 30, isbn: "0-1" },
  ],
  owner: { name: "Ada", since: null },
};

testAsUpstash("returns any JSON document exactly as it was set", async (standIn) => {
  const redis = connect(standIn);
  const awkward = { ["__proto__"]: { a: 1 }, "": [], "a.b": "OK", constructor: null };
  const survives = fc.asyncProperty(fc.jsonValue({ noUnicodeString: false }), async (value) => {
    await redis.json.set("document", "$", { value });
    assert.deepEqual(await redis.json.get("document", "$.value"), [
      JSON.parse(JSON.stringify(value)),
    ]);
  });
  await fc.assert(survives, { numRuns: 50, examples: [[JSON.parse(JSON.stringify(awkward))]] });
  const big = `{"big":12345678901234567890,"small":1.5}`;
  await redis.json.set("document", "$", big);
  assert.equal((await send(standIn, "/json.get/document")).text, JSON.stringify({ result: big }));
});

const paths: [path: string, expected: unknown[]][] = [
  ["$.name", ["Corner"]],
  ["$['name','open']", ["Corner", true]],
  ["$.none", []],
  ["$.books[0].title", ["A"]],
  ["$.books[-1].title", ["Bb"]],
  ["$.books[0,2].price", [8.5, 30]],
  ["$.books[1:].title", ["B", "Bb"]],
  ["$.books[::2].title", ["A", "Bb"]],
  ["$.books[*].price", [8.5, 12, 30]],
  ["$.owner.*", ["Ada", null]],
  ["$..name", ["Ada", "Corner"]],
  ["$.books[?(@.price<10)].title", ["A"]],
  ["$.books[?@.price >= 12 && @.title != 'Bb'].title", ["B"]],
  ['$.books[?(@.isbn || @.tags[0] == "new")].title', ["A", "Bb"]],
  ["$.books[?(!@.isbn)].title", ["A", "B"]],
  ["$.books[?(@.title =~ '^B')].price", [12, 30]],
  ["$.books[?(@.title =~ '(?i)^b+$')].price", [12, 30]],
  ["$.books[?(@.price > $.books[1].price)].title", ["Bb"]],
];

testAsUpstash("finds what a JSONPath selects", async (standIn) => {
  const redis = connect(standIn);
  await redis.json.set("shop", "$", shop);
  for (const [path, expected] of paths) {
    assert.deepEqual(await redis.json.get("shop", path), expected, path);
  }
  assert.deepEqual(await redis.json.get("shop", "$..title", "$.open"), {
    "$..title": ["A", "B", "Bb"],
    "$.open": [true],
  });
  for (const broken of ["$.", "$[", "$[?(@.a==)]", "$.books[1"]) {
    await assert.rejects(redis.json.get("shop", broken), /invalid JSONPath/, broken);
  }
});

testAsUpstash("answers a path without $ with the value alone", async (standIn) => {
  const redis = connect(standIn);
  await redis.json.set("shop", "$", shop);
  assert.deepEqual(await redis.json.get("shop"), shop);
  assert.equal(await redis.json.get("shop", ".owner.name"), "Ada");
  assert.equal(await redis.json.get("shop", "books[1].price"), 12);
  await assert.rejects(redis.json.get("shop", ".none"), /ERR Path '.none' does not exist/);
  assert.equal(await redis.json.get("absent"), null);
  assert.equal(await redis.json.numincrby("shop", ".books[1].price", 3), 15);
  await assert.rejects(redis.json.toggle("shop", ".name"), /WRONGTYPE .* expected boolean/);
});

testAsUpstash("sets one missing child, every match, and on condition", async (standIn) => {
  const redis = connect(standIn);
  await assert.rejects(redis.json.set("new", "$.a", 1), /created at the root/);
  assert.equal(await redis.json.set("new", "$", {}, { xx: true }), null);
  assert.equal(await redis.json.set("new", "$", { a: { n: 1 }, b: { n: 2 } }), "OK");
  assert.equal(await redis.json.set("new", "$.list", []), "OK");
  assert.equal(await redis.json.set("new", "$.list[0]", '"first"'), "OK");
  assert.equal(await redis.json.set("new", "$..n", 9), "OK");
  assert.equal(await redis.json.set("new", "$.a", 0, { nx: true }), null);
  assert.equal(await redis.json.set("new", "$.c", 0, { xx: true }), null);
  assert.equal(await redis.json.set("new", "$.x.y", 0), null);
  const expected = { a: { n: 9 }, b: { n: 9 }, list: ["first"] };
  assert.deepEqual(await redis.json.get("new"), expected);
  await assert.rejects(redis.json.set("new", "$", "not json"), /ERR invalid JSON/);
  assert.deepEqual(await redis.json.get("new"), expected);
});

testAsUpstash("writes all documents of JSON.MSET or none", async (standIn) => {
  const redis = connect(standIn);
  const first = { key: "one", path: "$", value: { a: 1 } };
  const broken = { key: "two", path: "$.deep", value: 1 };
  await assert.rejects(redis.json.mset(first, broken), /created at the root/);
  assert.equal(await redis.exists("one", "two"), 0);
  await redis.json.mset(first, { key: "one", path: "$.b", value: 2 });
  await redis.set("text", "x");
  assert.deepEqual(await redis.json.mget(["one", "none", "text"], "$.b"), [[2], null, null]);
});

testAsUpstash("merges as RFC 7396 says", async (standIn) => {
  const redis = connect(standIn);
  await redis.json.merge("shop", "$", { name: "Corner", gone: null, owner: { name: "Ada" } });
  await redis.json.merge("shop", "$.owner", { name: null, since: { year: 2001 } });
  await redis.json.merge("shop", "$.tags", ["a"]);
  await redis.json.merge("shop", "$.name", "null");
  assert.deepEqual(await redis.json.get("shop"), {
    owner: { since: { year: 2001 } },
    tags: ["a"],
  });
});

testAsUpstash("changes arrays in their place, and says null for what is none", async (standIn) => {
  const { json } = connect(standIn);
  await json.set("key", "$", { list: [1, 2, 3], deep: { list: "none" } });
  assert.deepEqual(await json.arrappend("key", "$..list", 4, '"five"'), [null, 5]);
  assert.deepEqual(await json.arrinsert("key", "$.list", -1, 0), [6]);
  assert.deepEqual(await json.arrindex("key", "$.list", '"five"'), [5]);
  assert.deepEqual(await json.arrindex("key", "$.list", 1, 1), [-1]);
  assert.deepEqual(await json.arrpop("key", "$.list", 0), [1]);
  assert.deepEqual(await json.arrpop("key", "$.list"), ["five"]);
  assert.deepEqual(await json.arrtrim("key", "$.list", 1, -2), [2]);
  assert.deepEqual(await json.arrlen("key", "$..list"), [null, 2]);
  assert.deepEqual(await json.get("key", "$.list"), [[3, 4]]);
  await assert.rejects(json.arrinsert("key", "$.list", 9, 0), /index out of bounds/);
  await assert.rejects(json.arrappend("absent", "$", 1), /key that doesn't exist/);
  assert.equal(await json.arrlen("absent", "$"), null);
});

testAsUpstash("counts, flips, extends and empties values", async (standIn) => {
  const { json } = connect(standIn);
  await json.set("key", "$", { n: 2, deep: { n: "two", on: true, text: "é" }, list: [1] });
  assert.deepEqual(await json.numincrby("key", "$..n", 0.5), [null, 2.5]);
  assert.deepEqual(await json.nummultby("key", "$.n", 4), [10]);
  assert.deepEqual(await json.toggle("key", "$.deep.*"), [null, 0, null]);
  assert.deepEqual(await json.strappend("key", "$.deep.text", '"e"'), [3]);
  assert.deepEqual(await json.strlen("key", "$.deep.*"), [3, null, 3]);
  assert.deepEqual(await json.objkeys("key", "$.*"), [null, ["n", "on", "text"], null]);
  assert.deepEqual(await json.objlen("key", "$.*"), [null, 3, null]);
  assert.deepEqual(await json.type("key", "$.*"), ["integer", "object", "array"]);
  assert.deepEqual(await json.resp("key", "$.list"), [["[", 1]]);
  assert.equal(await json.clear("key", "$.*"), 3);
  assert.deepEqual(await json.get("key"), { n: 0, deep: {}, list: [] });
  assert.equal(await json.clear("key", "$.*"), 0);
});

testAsUpstash("removes every match, and the key with its root", async (standIn) => {
  const redis = connect(standIn);
  await redis.json.set("key", "$", { a: 1, b: { a: { a: 2 } }, list: [1, 2, 3] });
  assert.equal(await redis.json.del("key", "$..a"), 2);
  assert.equal(await redis.json.forget("key", "$.list[0,2]"), 2);
  assert.deepEqual(await redis.json.get("key"), { b: {}, list: [2] });
  assert.equal(await redis.json.del("key"), 1);
  assert.equal(await redis.exists("key"), 0);
  assert.equal(await redis.json.del("key"), 0);
});

testAsUpstash("keeps documents apart from every other type", async (standIn) => {
  const redis = connect(standIn);
  await redis.json.set("document", "$", { a: 1 });
  await redis.xadd("log", "*", { field: "value" });
  assert.equal(await redis.type("document"), "json");
  const others = [
    () => redis.get("document"),
    () => redis.hget("document", "a"),
    () => redis.xlen("document"),
    () => redis.xadd("document", "*", { a: 1 }),
    () => redis.multi().xlen("document").exec(),
    () => redis.json.get("log"),
    () => redis.json.set("log", "$", 1),
  ];
  for (const attempt of others) await assert.rejects(attempt, /WRONGTYPE/);
  assert.deepEqual(await redis.scan(0, { type: "json" }), ["0", ["document"]]);
  assert.deepEqual(await redis.scan(0, { type: "stream" }), ["0", ["log"]]);
  await redis.set("document", "text");
  assert.equal(await redis.get("document"), "text");
});

testAsUpstash("expires, copies, renames and changes documents as any key", async (standIn) => {
  const redis = connect(standIn);
  await redis.json.set("key", "$", { n: 1 });
  await redis.expire("key", 100);
  await redis.json.numincrby("key", "$.n", 1);
  assert.equal(await redis.ttl("key"), 100);
  await redis.copy("key", "copy");
  await redis.rename("key", "renamed");
  await redis.json.set("copy", "$.n", 7);
  assert.deepEqual(await redis.json.mget(["key", "renamed", "copy"], ".n"), [null, 2, 7]);
  const read = "return redis.call('JSON.GET', KEYS[1], '$.n')";
  assert.deepEqual(await redis.eval(read, ["copy"], []), [7]);
});

testAsUpstash("never loses one of many changes to a document", async (standIn) => {
  const redis = connect(standIn, { enableAutoPipelining: false });
  await redis.json.set("key", "$", { n: 0, list: [] });
  await Promise.all(
    Array.from({ length: 40 }, (_, n) => [
      redis.json.numincrby("key", "$.n", 1),
      redis.multi().json.arrappend("key", "$.list", n).exec(),
    ]).flat(),
  );
  assert.deepEqual(await redis.json.get("key", "$.n"), [40]);
  assert.deepEqual(await redis.json.arrlen("key", "$.list"), [40]);
});
