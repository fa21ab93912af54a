import assert from "node:assert/strict";
import { connect, send, testAsUpstash, testEachBackend } from "./redis_support.ts";

testAsUpstash("tells when the fields of a hash expire", async (standIn) => {
  const redis = connect(standIn);
  await redis.hset("hash", { a: 1, b: 2 });
  const timeMs = Date.now() + 100_000;
  assert.deepEqual(await redis.hpexpireat("hash", "a", timeMs), [1]);
  assert.deepEqual(await redis.hpexpiretime("hash", ["a", "b", "none"]), [timeMs, -1, -2]);
  assert.deepEqual(await redis.hexpiretime("hash", "a"), [Math.ceil(timeMs / 1000)]);
  assert.deepEqual(await redis.hexpiretime("absent", "a"), [-2]);
  // A time in milliseconds where seconds were asked for lies beyond what Redis itself keeps.
  assert.deepEqual(await redis.hexpireat("hash", "b", Date.now()), [1]);
  assert.equal(await redis.hget("hash", "b"), 2);
});

testEachBackend("trims a stream to its length, by id, and exactly where asked", async (standIn) => {
  const redis = connect(standIn);
  const add = (id: string, trim?: Parameters<typeof redis.xadd>[3]) =>
    redis.xadd("log", id, { n: id }, trim);
  for (const n of [1, 2, 3, 4]) await add(`${n}-0`);
  await add("5-0", { trim: { type: "MAXLEN", comparison: "=", threshold: 3 } });
  assert.deepEqual(Object.keys(await redis.xrange("log", "-", "+")), ["3-0", "4-0", "5-0"]);
  await add("6-0", { trim: { type: "MINID", comparison: "=", threshold: "5-0" } });
  assert.deepEqual(Object.keys(await redis.xrange("log", "-", "+")), ["5-0", "6-0"]);
  const none = { strategy: "MAXLEN", exactness: "=", threshold: 0 } as const;
  assert.equal(await redis.xtrim("log", none), 2);
  assert.equal(await redis.xtrim("absent", none), 0);
  assert.equal(await redis.xadd("absent", "*", { n: 1 }, { nomkStream: true }), null);
  const limited = JSON.stringify(["xtrim", "log", "maxlen", "=", "0", "limit", "1"]);
  assert.equal((await send(standIn, "/", { body: limited })).status, 400);
});

testAsUpstash("removes no more entries at once than the limit says", async (standIn) => {
  const redis = connect(standIn);
  for (const n of [1, 2, 3, 4]) await redis.xadd("log", `${n}-0`, { n });
  const trim = { strategy: "MINID", exactness: "~", threshold: "4-0", limit: 2 } as const;
  assert.equal(await redis.xtrim("log", trim), 2);
  assert.equal(await redis.xlen("log"), 2);
});

testAsUpstash("deletes entries of a stream with or without what groups hold", async (standIn) => {
  const redis = connect(standIn);
  for (const n of [1, 2, 3, 4]) await redis.xadd("log", `${n}-0`, { n });
  for (const group of ["a", "b"]) {
    await redis.xgroup("log", { type: "CREATE", group, id: "0" });
    await redis.xreadgroup(group, "reader", "log", ">");
  }
  const pending = async (group: string) =>
    Number((await redis.xpending("log", group, "-", "+", 9)).length);
  assert.deepEqual(await redis.xdelex("log", "ACKED", "1-0", "9-0"), [2, -1]);
  assert.deepEqual(await redis.xackdel("log", "a", "ACKED", "1-0"), [2]);
  assert.deepEqual(await redis.xackdel("log", "b", "ACKED", "1-0"), [1]);
  assert.deepEqual(await redis.xackdel("log", "b", "ACKED", "1-0"), [-1]);
  assert.deepEqual(await redis.xdelex("log", "DELREF", "2-0"), [1]);
  assert.deepEqual([await pending("a"), await pending("b")], [2, 2]);
  assert.deepEqual(await redis.xackdel("log", "a", "KEEPREF", "3-0"), [1]);
  assert.deepEqual([await pending("a"), await pending("b")], [1, 2]);
  assert.deepEqual(Object.keys(await redis.xrange("log", "-", "+")), ["4-0"]);
  assert.deepEqual(await redis.xdelex("absent", undefined, "1-0"), [-1]);
});

testEachBackend("says what is wrong with a group that is not there", async (standIn) => {
  const redis = connect(standIn);
  const destroy = redis.xgroup("absent", { type: "DESTROY", group: "group" });
  await assert.rejects(destroy, /requires the key to exist/);
  assert.equal(await redis.xack("absent", "group", "1-0"), 0);
});

testAsUpstash("keeps no consumer that has only read without acknowledgement", async (standIn) => {
  const redis = connect(standIn);
  await redis.xadd("log", "1-0", { n: 1 });
  await redis.xgroup("log", { type: "CREATE", group: "group", id: "0" });
  const read = await redis.xreadgroup("group", "reader", "log", ">", { NOACK: true });
  assert.deepEqual(read, [["log", [["1-0", ["n", 1]]]]]);
  assert.deepEqual(await redis.xinfo("log", { type: "CONSUMERS", group: "group" }), []);
});

testAsUpstash("combines bits in the ways of Redis 8.2", async (standIn) => {
  const redis = connect(standIn, { automaticDeserialization: false });
  await redis.mset({ x: "\u0007", y: "\u0003", z: "\u0005~" });
  const combined = async (...args: ["diff" | "diff1" | "andor", string, ...string[]]) => {
    const [operation, x, ...others] = args;
    await redis.bitop(operation, "result", x, ...others);
    return await redis.get("result");
  };
  assert.equal(await combined("diff", "x", "y"), "\u0004");
  assert.equal(await combined("diff1", "y", "x", "z"), "\u0004~");
  assert.equal(await combined("andor", "x", "y", "z"), "\u0007\u0000");
  assert.equal(await redis.bitop("one", "result", "x", "y", "z"), 2);
  assert.equal(await redis.get("result"), "\u0000~");
  assert.equal(await redis.bitop("and", "result", "x", "y"), 1);
  assert.equal(await redis.get("result"), "\u0003");
  await assert.rejects(redis.bitop("diff", "result", "x"), /at least two source keys/);
});

testAsUpstash("scans keys together with their types", async (standIn) => {
  const redis = connect(standIn);
  await redis.set("text", "x");
  await redis.json.set("withtype", "$", 1);
  const [cursor, found] = await redis.scan(0, { withType: true, match: "*t*" });
  assert.equal(cursor, "0");
  assert.deepEqual(found.sort((a, b) => a.key < b.key ? -1 : 1), [
    { key: "text", type: "string" },
    { key: "withtype", type: "json" },
  ]);
  assert.deepEqual(await redis.scan(0, { match: "withtype" }), ["0", ["withtype"]]);
});

testAsUpstash("answers 0 to a copy onto itself", async (standIn) => {
  const redis = connect(standIn);
  await redis.set("key", "value");
  assert.equal(await redis.copy("key", "key"), "NOT_COPIED");
  assert.equal(await redis.copy("key", "other"), "COPIED");
});

const library = `#!lua name=house
redis.register_function{
  function_name = "put",
  description = "Puts it there",
  callback = function(keys, args) return redis.call("SET", keys[1], args[1]) end
}
redis.register_function("peek", function(keys) return redis.call("GET", keys[1]) end)
`;

testAsUpstash("runs functions, and lets those read that were not declared to", async (standIn) => {
  const { functions } = connect(standIn);
  assert.equal(await functions.load({ code: library, replace: true }), "house");
  assert.equal(await functions.call("put", ["key"], ["value"]), "OK");
  assert.equal(await functions.callRo("peek", ["key"], []), "value");
  await assert.rejects(functions.callRo("put", ["key"], ["x"]), /not allowed from read-only/);
  const [listed] = await functions.list();
  const described = listed?.functions.map(({ name, description }) => [name, description]);
  assert.deepEqual(described?.sort(), [["peek", undefined], ["put", "Puts it there"]]);
});

testAsUpstash("runs scripts that begin with a line of flags", async (standIn) => {
  const redis = connect(standIn);
  const locking = "#!lua flags=allow-key-locking\nreturn redis.call('INCR', KEYS[1])";
  assert.equal(await redis.eval(locking, ["count"], []), 1);
  const script = redis.createScript<number>(locking);
  assert.equal(await script.evalsha(["count"], []), 2);
  const reading = locking.replace("allow-key-locking", "no-writes");
  await assert.rejects(redis.eval(reading, ["count"], []), /not allowed from read-only/);
  const unknown = locking.replace("allow-key-locking", "fly");
  await assert.rejects(redis.eval(unknown, ["count"], []), /Unexpected flag .*: fly/);
});
