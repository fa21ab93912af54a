import assert from "node:assert/strict";
import { connect, send, testAsUpstash } from "./redis_support.ts";

testAsUpstash("keeps values at indexes far apart", async (standIn) => {
  const redis = connect(standIn);
  const far = "18446744073709551614";
  assert.equal(await redis.arset("array", 2, "a", "b"), 2);
  assert.equal(await redis.armset("array", [[3, "c"], [far, "z"]]), 1);
  assert.deepEqual(await redis.armget("array", 3, 2, 9, far), ["c", "a", null, "z"]);
  assert.equal(await redis.arget("array", 0), null);
  assert.deepEqual(await redis.argetrange("array", 4, 1), [null, "c", "a", null]);
  assert.equal(await redis.arcount("array"), 3);
  assert.equal(await redis.arlen("array"), "18446744073709551615");
  assert.equal(await redis.arlen("absent"), "0");
  assert.deepEqual(await redis.arscan("array", 0, far, { limit: 2 }), [["2", "a"], ["3", "c"]]);
  assert.equal(await redis.ardelrange("array", [0, 2], [9, far]), 2);
  await assert.rejects(redis.arset("array", "18446744073709551615", "x"), /invalid array index/);
  assert.equal(await redis.type("array"), "array");
  assert.equal(await redis.ardel("array", 3, 4), 1);
  assert.equal(await redis.exists("array"), 0);
});

testAsUpstash("appends to an array behind what was appended last", async (standIn) => {
  const redis = connect(standIn);
  assert.equal(await redis.arnext("array"), "0");
  assert.equal(await redis.arinsert("array", "a", "b", "c"), "2");
  await redis.ardel("array", 2);
  assert.equal(await redis.arnext("array"), "3");
  assert.equal(await redis.arseek("array", 10), 1);
  assert.equal(await redis.arseek("absent", 10), 0);
  assert.equal(await redis.arinsert("array", "d"), "10");
  assert.equal(await redis.arseek("array", "18446744073709551615"), 1);
  assert.equal(await redis.arnext("array"), null);
  await assert.rejects(redis.arinsert("array", "e"), /insert index overflow/);
  const info = await redis.arinfo("array");
  assert.deepEqual([info.count, info.len], [3, "11"]);
  assert.equal((await send(standIn, "/arinfo/absent")).text, `{"error":"ERR no such key"}`);
});

testAsUpstash("keeps the newest values of a ring, in the order they came", async (standIn) => {
  const redis = connect(standIn);
  assert.equal(await redis.arring("ring", 3, "a", "b", "c"), "2");
  assert.equal(await redis.arring("ring", 3, "d"), "0");
  assert.deepEqual(await redis.arlastitems("ring", 9), ["b", "c", "d"]);
  assert.deepEqual(await redis.arlastitems("ring", 2, { rev: true }), ["d", "c"]);
  assert.equal(await redis.arring("ring", 2, "e"), "0");
  assert.deepEqual(await redis.arlastitems("ring", 9), ["d", "e"]);
});

testAsUpstash("searches and folds the values of an array", async (standIn) => {
  const redis = connect(standIn);
  await redis.armset("array", { 0: "6", 1: "2.5", 4: "Apple", 5: "apricot.", 9: "-1" });
  const search = (...predicates: Parameters<typeof redis.argrep>[3]["predicates"]) =>
    redis.argrep("array", "-", "+", { predicates });
  assert.deepEqual(await search({ exact: "6" }, { match: "ricot." }), ["0", "5"]);
  assert.deepEqual(await search({ glob: "[Aa]p*" }), ["4", "5"]);
  assert.deepEqual(await search({ re: "^-?\\d$" }), ["0", "9"]);
  const both = {
    predicates: [{ match: "AP" }, { re: "e$" }],
    combine: "AND",
    noCase: true,
    withValues: true,
  } as const;
  assert.deepEqual(
    await redis.argrep("array", 0, 9, { ...both, predicates: [...both.predicates] }),
    [
      ["4", "Apple"],
    ],
  );
  assert.equal(await redis.arop("array", 0, 9, "SUM"), 7.5);
  assert.equal(await redis.arop("array", 9, 0, "min"), -1);
  assert.equal(await redis.arop("array", 0, 1, "XOR"), 4);
  assert.equal(await redis.arop("array", 4, 5, "MAX"), null);
  assert.equal(await redis.arop("array", 0, 9, "USED"), 5);
  assert.equal(await redis.arop("array", 0, 9, { match: "6" }), 1);
});
