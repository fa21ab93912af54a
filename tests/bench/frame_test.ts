import assert from "node:assert/strict";
import { readConfig } from "../../config.ts";
import { figure } from "../../bench/figure.ts";
import { measureHttp } from "../../bench/http.ts";
import { benches } from "../../bench/mod.ts";
import { interleave, lowerQuartile, median } from "../../bench/rounds.ts";
import { edgeEnvironment } from "../../bench/servers/environment.ts";
import { startServer } from "../../bench/servers.ts";
import { ask, type HttpAnswer } from "../../bench/wire.ts";

Deno.test("figure() prints the fields of a figure in their order, with value ÷ other", () => {
  const printed = JSON.stringify(figure({
    bench: "quote",
    what: "cached read, whole chain",
    value: 19.1234,
    unit: "us cpu/request",
    against: "B1",
    other: 13.1,
    better: "lower",
    runs: 9,
  }));
  assert.equal(
    printed,
    '{"bench":"quote","what":"cached read, whole chain","value":19.12,"unit":"us cpu/request",' +
      '"against":"B1","other":13.1,"ratio":1.46,"better":"lower","runs":9}',
  );
});

Deno.test("median() and lowerQuartile() do not depend on the order", () => {
  assert.equal(median([5, 1, 3]), 3);
  assert.equal(median([4, 1, 3, 2]), 2.5);
  assert.equal(lowerQuartile([9, 1, 5, 3, 7]), 3);
  assert.ok(Number.isNaN(median([])));
});

Deno.test("interleave() measures every variant once a round, and throws the first round away", async () => {
  const order: string[] = [];
  const variant = (name: string) => () => Promise.resolve(order.push(name));
  const samples = await interleave({ a: variant("a"), b: variant("b"), c: variant("c") }, 8);
  assert.deepEqual(Object.values(samples).map(({ length }) => length), [8, 8, 8]);
  const rounds = Array.from({ length: 9 }, (_, round) => order.slice(round * 3, round * 3 + 3));
  for (const round of rounds) assert.deepEqual(round.toSorted(), ["a", "b", "c"]);
  assert.ok(!Object.values(samples).flat().some((place) => place <= 3), "warm-up was kept");
});

Deno.test("every bench in the list can be loaded", async () => {
  for (const load of Object.values(benches)) assert.equal(typeof await load(), "function");
});

Deno.test("edgeEnvironment() has every setting that the edge program insists on", () => {
  const environment = edgeEnvironment(8000);
  assert.equal(readConfig((name) => environment[name]).port, 8000);
});

const fresh: HttpAnswer = {
  status: 200,
  headers: [["content-type", "application/json"], ["etag", '"7"'], ["x-request-id", "0123456789"]],
  body: '{"symbol":"AAPL"}',
};
const notModified: HttpAnswer = { status: 304, headers: [["etag", '"7"']], body: "" };
const answers = JSON.stringify({ path: "/v1/quotes/AAPL", fresh, notModified });

Deno.test("B1 answers with the recorded bytes, 304 to a known tag, and 401 without a token", async () => {
  const { hello: { port }, stop } = await startServer("bench/peers/b1.ts", answers);
  const get = (headers: Record<string, string>) => ask({ port, path: "/v1/quotes/AAPL", headers });
  try {
    const authorization = "Bearer x";
    const answer = await get({ authorization });
    assert.deepEqual([answer.status, answer.body], [200, fresh.body]);
    const headers = new Map(answer.headers);
    assert.deepEqual([headers.get("etag"), headers.get("x-request-id")?.length], ['"7"', 10]);
    const known = await get({ authorization, "if-none-match": '"7"' });
    assert.deepEqual([known.status, known.body], [304, ""]);
    assert.equal((await get({})).status, 401);
  } finally {
    await stop();
  }
});

// Deno lets nobody read /proc who is not allowed everything, and the tests are not.
const canReadProc = Deno.build.os === "linux" &&
  Deno.permissions.querySync({ name: "read" }).state === "granted" &&
  Deno.permissions.querySync({ name: "ffi" }).state === "granted";

Deno.test({
  name: "measureHttp() counts the server's own processor time" +
    (canReadProc ? "" : " (skipped: /proc cannot be read; deno test -A tests/bench)"),
  ignore: !canReadProc,
  async fn() {
    const server = await startServer("bench/peers/b0.ts", '{"a":1}');
    const variant = { server, path: "/", headers: {} };
    const options = { rounds: 1, seconds: 0.1 };
    try {
      const { b0: [round] = [] } = await measureHttp({ b0: { ...variant, status: 200 } }, options);
      assert.ok(round !== undefined && round.requestsPerSecond > 0);
      assert.ok(round.cpuMicrosPerRequest > 0.5 && round.cpuMicrosPerRequest < 5_000);
      const refused = measureHttp({ b0: { ...variant, status: 304 } }, options);
      await assert.rejects(refused, /answered 200 where 304 is measured/);
    } finally {
      await server.stop();
    }
  },
});

Deno.test("startServer() says which program ended without a word", async () => {
  await assert.rejects(startServer("bench/figure.ts"), /bench\/figure.ts ended without saying/);
});
