import assert from "node:assert/strict";
import fc from "fast-check";
import { connect, eventually, send, testEachBackend } from "./redis_support.ts";

for (const automaticDeserialization of [true, false]) {
  const values = automaticDeserialization ? "parsed values" : "plain values";
  const test: typeof testEachBackend = (guarantee, run) =>
    testEachBackend(`${guarantee}, ${values}`, run);

  test("stores strings and honours NX, XX, GET and expiry", async (standIn) => {
    const redis = connect(standIn, { automaticDeserialization });
    assert.equal(await redis.set("key", "one"), "OK");
    assert.equal(await redis.set("key", "two", { nx: true }), null);
    assert.equal(await redis.set("absent", "two", { xx: true }), null);
    assert.equal(await redis.set("key", "three", { get: true }), "one");
    assert.equal(await redis.get("key"), "three");
    assert.equal(await redis.ttl("key"), -1);
    assert.equal(await redis.pttl("absent"), -2);

    await redis.set("seconds", "x", { ex: 100 });
    assert.ok(within(await redis.ttl("seconds"), 99, 100));
    await redis.set("milliseconds", "x", { px: 50 });
    assert.ok(within(await redis.pttl("milliseconds"), 1, 50));
    await eventually(async () => await redis.exists("milliseconds") === 0, "the key expires");
    assert.equal(await redis.expire("key", 10), 1);
    assert.equal(await redis.expire("key", 20, "NX"), 0);
    assert.equal(await redis.persist("key"), 1);
    assert.equal(await redis.del("key", "seconds", "absent"), 2);
  });

  test("returns absent keys of MGET as null, in order", async (standIn) => {
    const redis = connect(standIn, { automaticDeserialization });
    await redis.mset({ a: "x", b: "y" });
    assert.deepEqual(await redis.mget("b", "none", "a"), ["y", null, "x"]);
    assert.equal(await redis.exists("a", "b", "none"), 2);
    assert.equal(await redis.getdel("a"), "x");
    assert.equal(await redis.get("a"), null);
  });

  test("counts as numbers and refuses to count what is none", async (standIn) => {
    const redis = connect(standIn, { automaticDeserialization });
    assert.equal(await redis.incr("count"), 1);
    assert.equal(await redis.incrby("count", 41), 42);
    assert.equal(await redis.decr("count"), 41);
    assert.equal(Number(await redis.incrbyfloat("count", 0.5)), 41.5);
    assert.equal(await redis.get("count"), automaticDeserialization ? 41.5 : "41.5");
    await redis.set("text", "abc");
    await assert.rejects(redis.incr("text"), /ERR value is not an integer or out of range/);
  });

  test("keeps hashes", async (standIn) => {
    const redis = connect(standIn, { automaticDeserialization });
    assert.equal(await redis.hset("hash", { name: "Ada", note: "x y" }), 2);
    assert.equal(await redis.hsetnx("hash", "name", "Bob"), 0);
    assert.equal(await redis.hget("hash", "name"), "Ada");
    assert.equal(await redis.hget("hash", "none"), null);
    assert.equal(await redis.hincrby("hash", "visits", 3), 3);
    assert.deepEqual((await redis.hkeys("hash")).sort(), ["name", "note", "visits"]);
    assert.equal(await redis.hdel("hash", "visits", "none"), 1);
    const all = await redis.hgetall("hash");
    // Without deserialisation the SDK hands the flat list of RESP2 through.
    const expected = automaticDeserialization
      ? { name: "Ada", note: "x y" }
      : ["name", "Ada", "note", "x y"];
    assert.deepEqual(all, expected);
    assert.equal(await redis.hgetall("none").then((none) => Object.keys(none ?? {}).length), 0);
    await redis.set("text", "abc");
    await assert.rejects(redis.hget("text", "name"), /WRONGTYPE/);
  });

  test("keeps sets and lists", async (standIn) => {
    const redis = connect(standIn, { automaticDeserialization });
    assert.equal(await redis.sadd("set", "a", "b", "a"), 2);
    assert.equal(await redis.sismember("set", "a"), 1);
    assert.deepEqual((await redis.smembers("set")).sort(), ["a", "b"]);
    assert.equal(await redis.srem("set", "a", "none"), 1);
    assert.equal(await redis.scard("set"), 1);
    await redis.rpush("list", "a", "b", "c");
    assert.deepEqual(await redis.lrange("list", 0, -1), ["a", "b", "c"]);
    assert.equal(await redis.lpop("list"), "a");
    assert.equal(await redis.ltrim("list", 0, 0), "OK");
    assert.equal(await redis.llen("list"), 1);
  });

  test("ranks sorted sets by score", async (standIn) => {
    const redis = connect(standIn, { automaticDeserialization });
    const [first, ...others] = [1, 2.5, 3, 10].map((score) => ({ score, member: `m${score}` }));
    assert.ok(first);
    assert.equal(await redis.zadd("board", first, ...others), 4);
    const byScore = { byScore: true } as const;
    assert.deepEqual(await redis.zrange("board", "(1", 3, byScore), ["m2.5", "m3"]);
    assert.deepEqual(
      await redis.zrange("board", "-inf", "+inf", { ...byScore, offset: 3, count: 5 }),
      [
        "m10",
      ],
    );
    assert.equal(Number(await redis.zscore("board", "m2.5")), 2.5);
    assert.equal(await redis.zscore("board", "none"), null);
    const scored = await redis.zrange<(string | number)[]>("board", 0, 1, { withScores: true });
    assert.deepEqual(scored.map(String), ["m1", "1", "m2.5", "2.5"]);
    assert.equal(await redis.zremrangebyscore("board", "-inf", "(3"), 2);
    assert.deepEqual(await redis.zrange("board", 0, -1), ["m3", "m10"]);
  });

  test("delivers what is published to channels and patterns", async (standIn) => {
    const redis = connect(standIn, { automaticDeserialization });
    const received: unknown[] = [];
    const channel = redis.subscribe("quotes");
    channel.on("message", ({ message }) => received.push(message));
    const pattern = redis.psubscribe("quo*");
    pattern.on("pmessage", (event) => received.push([event.pattern, event.channel]));
    let subscribed = 0;
    channel.on("subscribe", () => subscribed += 1);
    pattern.on("psubscribe", () => subscribed += 1);
    await eventually(() => subscribed === 2, "both subscribe");

    assert.equal(await redis.publish("quotes", { symbol: "AAPL", note: "ü, €" }), 2);
    assert.equal(await redis.publish("other", "unheard"), 0);
    await eventually(() => received.length === 2, "both are told");
    const body = { symbol: "AAPL", note: "ü, €" };
    const message = automaticDeserialization ? body : JSON.stringify(body);
    assert.deepEqual(received.filter((item) => !Array.isArray(item)), [message]);
    assert.deepEqual(received.filter(Array.isArray), [["quo*", "quotes"]]);

    await Promise.all([channel.unsubscribe(), pattern.unsubscribe()]);
    // Asked for without publishing, which would itself make the server notice that nobody listens.
    const counts = () =>
      Promise.all([
        redis.exec<number>(["PUBSUB", "NUMPAT"]),
        redis.exec<unknown[]>(["PUBSUB", "NUMSUB", "quotes"]).then((reply) => reply[1]),
      ]);
    const unheard = async () => (await counts()).every((count) => Number(count) === 0);
    await eventually(unheard, "both are gone");
    assert.equal(await redis.publish("quotes", "late"), 0);
  });
}

testEachBackend("runs a pipeline to its end when one command fails", async (standIn) => {
  const redis = connect(standIn);
  const pipeline = redis.pipeline().set("text", "abc").incr("text").incr("count");
  const results = await pipeline.exec<[string, number, number]>({ keepErrors: true });
  assert.deepEqual(results.map(({ result }) => result), ["OK", undefined, 1]);
  assert.match(String(results[1].error), /ERR value is not an integer/);
  assert.equal(standIn.requests(), 1);
});

testEachBackend("never lets transactions interleave", async (standIn) => {
  const redis = connect(standIn, { enableAutoPipelining: false });
  const transact = () =>
    redis.multi().incr("a").get("a").incr("b").exec<[number, number, number]>();
  const noise = () => redis.incr("a").then(() => redis.decr("a"));
  const runs = await Promise.all(Array.from({ length: 40 }, async () => {
    const [[before, read, after]] = await Promise.all([transact(), noise()]);
    return { before, read, after };
  }));
  assert.ok(runs.every(({ before, read }) => before === read));
  assert.deepEqual(runs.map(({ after }) => after).sort((x, y) => x - y), runs.map((_, n) => n + 1));
});

testEachBackend("runs the rest of a transaction when one command fails in it", async (standIn) => {
  const redis = connect(standIn, { automaticDeserialization: false });
  await redis.set("text", "abc");
  await assert.rejects(redis.multi().incr("text").set("text", "def").exec(), /not an integer/);
  assert.equal(await redis.get("text"), "def");
});

testEachBackend("discards a transaction with a command that does not exist", async (standIn) => {
  const redis = connect(standIn);
  const body = JSON.stringify([["set", "key", "value"], ["nonesuch", "key"]]);
  const { status, text } = await send(standIn, "/multi-exec", { body });
  assert.equal(status, 400);
  assert.match(text, /^\{"error":"EXECABORT/);
  assert.equal(await redis.exists("key"), 0);
});

testEachBackend("takes 200 parallel writes in one request", async (standIn) => {
  const redis = connect(standIn);
  const keys = Array.from({ length: 200 }, (_, n) => `key:${n}`);
  await Promise.all(keys.map((key, n) => redis.set(key, n)));
  assert.equal(standIn.requests(), 1);
  assert.deepEqual(await Promise.all(keys.map((key) => redis.get(key))), keys.map((_, n) => n));
  assert.equal(standIn.requests(), 2);
});

testEachBackend(
  "returns any text exactly as it was stored, in base64 and without",
  async (standIn) => {
    const options = { automaticDeserialization: false } as const;
    const clients = [
      connect(standIn, options),
      connect(standIn, { ...options, responseEncoding: false }),
    ];
    const awkward = [
      "",
      "OK",
      "null",
      "007",
      '"quoted"',
      "\u0000\u0001\u007f",
      "\r\n$-1\r\n",
      "ÿ€漢😀",
      "T0s=",
    ];
    const texts = fc.string({ unit: "binary", maxLength: 60 }).filter((text) =>
      text.isWellFormed()
    );
    for (const redis of clients) {
      const survives = fc.asyncProperty(texts, async (text) => {
        await redis.hset("hash", { [`f${text}`]: text });
        assert.equal(await redis.set("key", text), "OK");
        assert.deepEqual(await redis.mget("key"), [text]);
        assert.equal(await redis.get("key"), text);
        assert.equal(await redis.hget("hash", `f${text}`), text);
      });
      await fc.assert(survives, { numRuns: 25, examples: awkward.map((text) => [text]) });
    }
  },
);

function within(value: number, low: number, high: number): boolean {
  return value >= low && value <= high;
}
