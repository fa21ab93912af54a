import assert from "node:assert/strict";
import fc from "fast-check";
import type { Reply } from "../../dev/redis/backend.ts";
import { openEmbeddedStore } from "../../dev/redis/embedded_store.ts";
import { encodeReply, replyText } from "../../dev/redis/encode.ts";
import { startRedis } from "../../dev/redis/mod.ts";
import { createReplyReader } from "../../dev/redis/resp_reader.ts";
import {
  connect,
  eventually,
  send,
  startRespServer,
  testEachBackend,
  withStandIn,
} from "./redis_support.ts";

const base64 = { "upstash-encoding": "base64" };

testEachBackend(
  "encodes every string but a status OK when base64 is asked for",
  async (standIn) => {
    const commands = [["set", "key", "OK"], ["get", "key"], ["mget", "key", "none"], [
      "strlen",
      "key",
    ]];
    const init = { body: JSON.stringify(commands), headers: base64 };
    const { status, headers, text } = await send(standIn, "/pipeline", init);
    assert.equal(status, 200);
    assert.equal(headers.get("content-type"), "application/json");
    assert.equal(text, `[{"result":"OK"},{"result":"T0s="},{"result":["T0s=",null]},{"result":2}]`);
  },
);

testEachBackend("answers as bytes of RESP2 where that is asked for", async (standIn) => {
  const headers = { "upstash-response-format": "resp2" };
  const commands = [["set", "key", "é"], ["mget", "key", "none"], ["incr", "key"], [
    "strlen",
    "key",
  ]];
  const pipeline = await send(standIn, "/pipeline", { body: JSON.stringify(commands), headers });
  assert.equal(pipeline.headers.get("content-type"), "application/octet-stream");
  const error = "-ERR value is not an integer or out of range\r\n";
  assert.equal(pipeline.text, `+OK\r\n*2\r\n$2\r\né\r\n$-1\r\n${error}:2\r\n`);
  const failed = await send(standIn, "/incr/key", { headers });
  assert.deepEqual([failed.status, failed.text], [400, error]);
  const transaction = await send(standIn, "/multi-exec", {
    body: JSON.stringify([["get", "key"]]),
    headers,
  });
  assert.equal(transaction.text, `[{"result":"é"}]`);
  const both = await send(standIn, "/get/key", { headers: { ...headers, ...base64 } });
  assert.equal(both.status, 400);
});

testEachBackend("lets the read-only token read keys by name and nothing else", async (standIn) => {
  await connect(standIn).set("key", "value");
  const reader = connect({ ...standIn, token: standIn.readOnlyToken });
  assert.equal(await reader.get("key"), "value");
  assert.deepEqual(await reader.mget("key", "none"), ["value", null]);
  const refused = [
    () => reader.set("key", "other"),
    () => reader.keys("*"),
    () => reader.scan(0),
    () => reader.eval("return 1", [], []),
    () => reader.multi().get("key").del("key").exec(),
  ];
  for (const attempt of refused) await assert.rejects(attempt, /NOPERM/);
  const mixed = await reader.pipeline().get("key").incr("count").exec<[string, number]>({
    keepErrors: true,
  });
  assert.equal(mixed[0].result, "value");
  assert.match(String(mixed[1].error), /NOPERM .*'incr' command/);
  const headers = { authorization: `Bearer ${standIn.readOnlyToken}` };
  assert.equal((await send(standIn, "/monitor", { headers })).status, 400);
  assert.equal(await reader.get("key"), "value");
});

testEachBackend("keeps all 64 bits of an integer", async (standIn) => {
  await send(standIn, "/set/big/9223372036854775806");
  assert.equal((await send(standIn, "/incr/big")).text, `{"result":9223372036854775807}`);
});

testEachBackend(
  "answers maps, scores and nested replies in the shapes of RESP2",
  async (standIn) => {
    const run = async (...command: unknown[]) =>
      (await send(standIn, "/", { body: JSON.stringify(command) })).text;
    await run("hset", "hash", "a", 1);
    await run("zadd", "board", 1.5, "m");
    await run("xadd", "log", "1-1", "field", "value");
    assert.equal(await run("hgetall", "hash"), `{"result":["a","1"]}`);
    assert.equal(await run("zrange", "board", 0, -1, "withscores"), `{"result":["m","1.5"]}`);
    assert.equal(await run("zscore", "board", "m"), `{"result":"1.5"}`);
    const entries = `[["log",[["1-1",["field","value"]]]]]`;
    assert.equal(await run("xread", "streams", "log", "0"), `{"result":${entries}}`);
  },
);

testEachBackend(
  "takes commands in the path, their value in the body and options in the query",
  async (standIn) => {
    const set = await send(standIn, "/set/a%2Fb?EX=100&NX", { body: "x/y z" });
    assert.equal(set.text, `{"result":"OK"}`);
    assert.equal((await send(standIn, "/get/a%2Fb", { method: "GET" })).text, `{"result":"x/y z"}`);
    assert.equal((await send(standIn, "/ttl/a%2Fb")).text, `{"result":100}`);
  },
);

testEachBackend(
  "refuses what makes no sense over HTTP, alone, in a pipeline and in a transaction",
  async (standIn) => {
    const refused = [
      ["blpop", "list", 0],
      ["XREAD", "BLOCK", 0, "STREAMS", "log", "$"],
      ["watch", "key"],
      ["multi"],
      ["select", 1],
      ["subscribe", "channel"],
      ["client", "reply", "off"],
      ["shutdown"],
    ];
    for (const command of refused) {
      const alone = await send(standIn, "/", { body: JSON.stringify(command) });
      assert.equal(alone.status, 400);
      assert.match(alone.text, /^\{"error":"ERR Command is not available: '/);
      const mixed = JSON.stringify([["set", "key", "value"], command]);
      assert.match((await send(standIn, "/multi-exec", { body: mixed })).text, /^\{"error"/);
      assert.equal((await send(standIn, "/exists/key")).text, `{"result":0}`);
      const pipeline = await send(standIn, "/pipeline", { body: mixed });
      assert.equal(pipeline.status, 200);
      assert.match(pipeline.text, /^\[\{"result":"OK"\},\{"error":"ERR Command is not available/);
      await standIn.flush();
    }
  },
);

testEachBackend("knows ECHO and MEMORY USAGE", async (standIn) => {
  const redis = connect(standIn);
  assert.equal(await redis.echo("héllo"), "héllo");
  const memoryUsage = (key: string) => redis.exec<number | null>(["MEMORY", "USAGE", key]);
  assert.equal(await memoryUsage("none"), null);
  await redis.set("short", "x");
  await redis.set("long", "x".repeat(10_000));
  assert.ok(await memoryUsage("short") ?? 0 > 0);
  assert.ok((await memoryUsage("long") ?? 0) >= 10_000);
});

testEachBackend("shows commands to a monitor", async (standIn) => {
  const headers = { authorization: `Bearer ${standIn.token}` };
  const response = await fetch(`${standIn.url}/monitor`, { method: "POST", headers });
  assert.equal(response.headers.get("content-type"), "text/event-stream");
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  assert.equal((await reader?.read())?.value, 'data: "OK"\n\n');
  await send(standIn, "/set/key/value");
  assert.match(
    String((await reader?.read())?.value),
    /^data: \d+\.\d+ \[\d .*\] "set" "key" "value"\n\n$/,
  );
  await reader?.cancel();
});

Deno.test("redis answers 401 to any other token, in the header and in the query", async () => {
  await withStandIn({ token: "right" }, async (standIn) => {
    await assert.rejects(connect({ ...standIn, token: "wrong" }).get("key"), /Unauthorized/);
    for (const authorization of ["", "Bearer ", "Bearer right2", "Basic right"]) {
      const refused = await send(standIn, "/get/key", { headers: { authorization } });
      assert.deepEqual([refused.status, refused.text], [401, `{"error":"Unauthorized"}`]);
    }
    const headers = { authorization: "" };
    assert.equal((await send(standIn, "/get/key?_token=wrong", { headers })).status, 401);
    assert.equal((await send(standIn, "/get/key?_token=right", { headers })).status, 200);
    for (const path of ["/", "/pipeline", "/multi-exec", "/subscribe/quotes", "/monitor"]) {
      const body = `[["set","key","value"]]`;
      assert.equal((await send(standIn, path, { headers, body })).status, 401, path);
      assert.equal((await send(standIn, `${path}?_token=wrong`, { headers, body })).status, 401);
    }
    assert.equal(await connect(standIn).exists("key"), 0);
  });
});

Deno.test("redis draws a token of its own for each start", async () => {
  await withStandIn({}, async (first) => {
    await withStandIn({}, (second) => {
      assert.ok(first.token.length >= 32);
      assert.notEqual(first.token, second.token);
      return Promise.resolve();
    });
  });
});

Deno.test("redis says 400 to what it cannot read and 405 to other methods", async () => {
  await withStandIn({}, async (standIn) => {
    const unreadable = ["", "{}", "[", "[]", `[""]`, `["get",null]`, `["get",{}]`];
    for (const body of unreadable) assert.equal((await send(standIn, "/", { body })).status, 400);
    for (const body of ["[]", `["get","key"]`, `[[]]`]) {
      assert.equal((await send(standIn, "/pipeline", { body })).status, 400);
    }
    assert.equal((await send(standIn, "/get/%E0%A4%A")).status, 400);
    assert.equal((await send(standIn, "/get/key", { method: "DELETE" })).status, 405);
    const resp3 = { "upstash-response-format": "resp3" };
    assert.equal((await send(standIn, "/get/key", { headers: resp3 })).status, 400);
  });
});

Deno.test("redis refuses requests beyond 10 MB and takes the largest one below", async () => {
  await withStandIn({}, async (standIn) => {
    const limitBytes = 10 * 1024 * 1024;
    const fits = await send(standIn, "/set/key", { body: new Uint8Array(limitBytes) });
    assert.equal(fits.text, `{"result":"OK"}`);
    const tooLarge = await send(standIn, "/set/key", { body: new Uint8Array(limitBytes + 1) });
    assert.equal(tooLarge.status, 400);
    assert.match(
      tooLarge.text,
      /max request size exceeded. Limit: 10485760 bytes, Actual: 10485761/,
    );
  });
});

Deno.test("redis gives every response another sync token, which the SDK sends back", async () => {
  await withStandIn({}, async (standIn) => {
    const tokens = await Promise.all(
      Array.from(
        { length: 5 },
        async () => (await send(standIn, "/ping")).headers.get("upstash-sync-token"),
      ),
    );
    assert.equal(new Set(tokens).size, 5);
    assert.ok(!tokens.includes(null));
  });
});

Deno.test("redis listens on loopback only and says so once", async () => {
  const lines: string[] = [];
  await withStandIn({ report: (line) => lines.push(line) }, (standIn) => {
    assert.match(standIn.url, /^http:\/\/127\.0\.0\.1:\d+$/);
    assert.equal(standIn.backend, "embedded");
    assert.equal(lines.length, 1);
    assert.ok(!lines.join().includes(standIn.token));
    return Promise.resolve();
  });
});

Deno.test("redis over a socket signs in, keeps to its database and connects again after a cut", async () => {
  const server = await startRespServer("secret");
  try {
    await withStandIn({ redisUrl: server.url }, async (standIn) => {
      assert.equal(standIn.backend, "redis");
      const redis = connect(standIn);
      await redis.set("key", "value");
      const elsewhere = server.url.replace(/\/1$/, "/0");
      await withStandIn({ redisUrl: elsewhere }, async (other) => {
        assert.equal(await connect(other).get("key"), null);
      });
      server.cut();
      await eventually(
        async () => await redis.get("key").catch(() => null) === "value",
        "a reconnect",
      );
    });
    const wrong = server.url.replace("secret", "wrong");
    await assert.rejects(
      startRedis({ redisUrl: wrong }),
      /Redis refused the connection: WRONGPASS/,
    );
    await assert.rejects(startRedis({ redisUrl: "http://127.0.0.1" }), /begins with redis:/);
  } finally {
    await server.stop();
  }
});

Deno.test("openEmbeddedStore() keeps apart what is handed over in the same moment", async () => {
  const store = openEmbeddedStore();
  const replies = await Promise.all(Array.from({ length: 20 }, () => {
    const transaction = store.transaction([["incr", "a"], ["get", "a"], ["incr", "b"]]);
    return Promise.all([transaction, store.run(["incr", "a"])]);
  }));
  const runs = replies.map(([transaction]) => replyText(transaction).split(",").map(Number));
  assert.ok(runs.every(([incremented, read]) => incremented === read));
  assert.deepEqual(runs.map(([, , turn]) => turn), runs.map((_, index) => index + 1));
  await store.close();
});

Deno.test("createReplyReader() reads the same replies however the bytes are cut", () => {
  const text =
    "+OK\r\n$5\r\na\r\nb\r\r\n:-7\r\n*3\r\n$-1\r\n*0\r\n-ERR no\r\n*-1\r\n:9223372036854775807\r\n$0\r\n\r\n";
  const bytes = new TextEncoder().encode(text);
  const expected: Reply[] = ["OK", encode("a\r\nb\r"), -7, [null, [], { error: "ERR no" }], null];
  expected.push(9223372036854775807n, encode(""));
  const cuts = fc.array(fc.integer({ min: 0, max: bytes.length }), { maxLength: 12 });
  fc.assert(fc.property(cuts, (places) => {
    const read = createReplyReader();
    const edges = [0, ...places.sort((a, b) => a - b), bytes.length];
    const pieces = edges.slice(1).map((end, index) => bytes.subarray(edges[index], end));
    assert.deepEqual(pieces.flatMap(read), expected);
  }));
});

Deno.test("createReplyReader() refuses what is not RESP2", () => {
  assert.throws(() => createReplyReader()(encode("%1\r\n")), /not RESP2/);
});

Deno.test("encodeReply() writes valid JSON for bytes that are not UTF-8", () => {
  const reply = new Uint8Array([0xff, 0x22, 0x5c, 0x0a]);
  assert.deepEqual(JSON.parse(encodeReply(reply, false)), { result: '\ufffd"\\\n' });
  assert.deepEqual(JSON.parse(encodeReply(reply, true)), { result: "/yJcCg==" });
});

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
