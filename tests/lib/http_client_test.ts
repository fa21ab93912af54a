import assert from "node:assert/strict";
import fc from "fast-check";
import {
  OutsideFailure,
  type OutsideRequest,
  parseRetryAfter,
  requestOutside,
} from "../../lib/http_client.ts";
import { dayMs } from "../../lib/time.ts";
import { refusingUrl, saying, startRawServer } from "../support/raw_server.ts";

const limits = { deadlineMs: 5_000, bodyLimitBytes: 1_000 };

function serve(handler: (request: Request) => Response | Promise<Response>) {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, handler);
  return {
    url: `http://127.0.0.1:${server.addr.port}/`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

async function failureOf(request: Partial<OutsideRequest> & { url: string }) {
  const error = await requestOutside(fetch, { ...limits, ...request }).then(
    () => undefined,
    (error) => error,
  );
  assert.ok(error instanceof OutsideFailure, `not an OutsideFailure: ${error}`);
  return { kind: error.kind, sent: error.sent, status: error.head?.status };
}

Deno.test("requestOutside() sends what it is given and answers with status, headers and text", async () => {
  await using server = serve(async (request) => {
    const said = [request.method, request.headers.get("x-one"), await request.text()].join(" ");
    return new Response(said, { status: 418, headers: { "x-two": "2" } });
  });
  const answer = await requestOutside(fetch, {
    ...limits,
    url: server.url,
    method: "PUT",
    headers: { "x-one": "1" },
    body: "grüße",
  });
  assert.equal(answer.status, 418);
  assert.equal(answer.headers.get("x-two"), "2");
  assert.equal(answer.text, "PUT 1 grüße");
});

Deno.test("requestOutside() does not follow a redirect: it is an answer like any other", async () => {
  let visits = 0;
  await using elsewhere = serve(() => new Response(String(++visits)));
  await using server = serve(() =>
    new Response(null, { status: 302, headers: { location: elsewhere.url } })
  );
  const { status, headers } = await requestOutside(fetch, { ...limits, url: server.url });
  assert.deepEqual([status, headers.get("location"), visits], [302, elsewhere.url, 0]);
});

Deno.test("requestOutside() joins characters that the network cut in two", async () => {
  const [first, second] = [new Uint8Array([0x67, 0xc3]), new Uint8Array([0xbc, 0x6e])];
  const inTwo = () => Promise.resolve(new Response(ReadableStream.from([first, second])));
  const { text } = await requestOutside(inTwo, { ...limits, url: "http://cut.example/" });
  assert.equal(text, "gün");
});

Deno.test({
  name: "requestOutside() leaves no timer behind",
  sanitizeOps: true,
  async fn() {
    const answer = () => Promise.resolve(new Response("fine"));
    const request = { ...limits, deadlineMs: 60_000, url: "http://quick.example/" };
    assert.equal((await requestOutside(answer, request)).text, "fine");
  },
});

Deno.test("requestOutside() takes a body of exactly the limit, and not one byte more", async () => {
  await using server = serve((request) =>
    new Response("x".repeat(Number(new URL(request.url).pathname.slice(1))))
  );
  const { text } = await requestOutside(fetch, { ...limits, url: `${server.url}1000` });
  assert.equal(text.length, 1_000);
  assert.deepEqual(await failureOf({ url: `${server.url}1001` }), {
    kind: "too_large",
    sent: "maybe",
    status: 200,
  });
});

Deno.test("requestOutside() counts a compressed body by what it unpacks to", async () => {
  const zeros = new Blob([new Uint8Array(100_000)]).stream();
  const packed = new Uint8Array(
    await new Response(zeros.pipeThrough(new CompressionStream("gzip"))).arrayBuffer(),
  );
  assert.ok(packed.length < limits.bodyLimitBytes);
  await using server = serve(() =>
    new Response(packed, { headers: { "content-encoding": "gzip" } })
  );
  assert.equal((await failureOf({ url: server.url })).kind, "too_large");
});

Deno.test("requestOutside() ends an endless body at its limit", async () => {
  await using server = serve(() =>
    new Response(new ReadableStream({ pull: (it) => it.enqueue(new Uint8Array(100)) }))
  );
  assert.equal((await failureOf({ url: server.url })).kind, "too_large");
});

Deno.test("requestOutside() gives up at its deadline, waiting for headers or in the middle of a body", async () => {
  await using silent = startRawServer(() => new Promise(() => {}));
  await using dripping = startRawServer(async (connection) => {
    await saying("HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\nabc")(connection);
    await new Promise(() => {});
  });
  const startedMs = performance.now();
  assert.deepEqual(await failureOf({ url: silent.url, deadlineMs: 80 }), {
    kind: "timeout",
    sent: "maybe",
    status: undefined,
  });
  assert.deepEqual(await failureOf({ url: dripping.url, deadlineMs: 80 }), {
    kind: "timeout",
    sent: "maybe",
    status: 200,
  });
  assert.ok(performance.now() - startedMs < 2_000);
});

Deno.test("requestOutside() says that nothing was sent only where no connection was made", async (t) => {
  await using plain = startRawServer(saying("HTTP/1.1 400 Bad Request\r\n\r\n"));
  const neverSent = {
    "a refused connection": { url: refusingUrl() },
    "an address that does not exist": { url: "http://nowhere.invalid/" },
    "TLS with a server that speaks none": { url: plain.url.replace("http:", "https:") },
    "a URL that is none": { url: "nowhere" },
    "a header that no request can have": { url: plain.url, headers: { "x-one": "a\nb" } },
  };
  for (const [name, request] of Object.entries(neverSent)) {
    await t.step(name, async () => {
      assert.deepEqual(await failureOf(request), {
        kind: "unreachable",
        sent: "no",
        status: undefined,
      });
    });
  }
});

Deno.test("requestOutside() counts a request as perhaps sent once it was connected", async (t) => {
  const answers = {
    "": undefined,
    "SSH-2.0-OpenSSH\r\n": undefined,
    "HTTP/1.1 20": undefined,
    "HTTP/1.1 202 Accepted\r\ncontent-length: 50\r\n\r\nhalf": 202,
  };
  for (const [answer, status] of Object.entries(answers)) {
    await t.step(`answered ${JSON.stringify(answer)} and hung up`, async () => {
      await using server = startRawServer(saying(answer));
      assert.deepEqual(await failureOf({ url: server.url, method: "POST", body: "x" }), {
        kind: "unreachable",
        sent: "maybe",
        status,
      });
      assert.equal(server.requests.length, 1);
    });
  }
});

Deno.test("requestOutside() does not even connect once it was aborted", async () => {
  await using server = startRawServer(saying("HTTP/1.1 204 No Content\r\n\r\n"));
  assert.deepEqual(await failureOf({ url: server.url, signal: AbortSignal.abort() }), {
    kind: "aborted",
    sent: "no",
    status: undefined,
  });
  assert.equal(server.requests.length, 0);
});

Deno.test("requestOutside() ends when it is aborted under way, and leaves nothing on the signal", async () => {
  const controller = new AbortController();
  const { signal } = controller;
  const added = countCalls(signal, "addEventListener");
  const removed = countCalls(signal, "removeEventListener");
  await using server = startRawServer(async () => {
    controller.abort();
    await new Promise(() => {});
  });
  assert.equal((await failureOf({ url: server.url, signal })).kind, "aborted");
  assert.deepEqual([added(), removed()], [1, 1]);
});

function countCalls(signal: AbortSignal, name: "addEventListener" | "removeEventListener") {
  let calls = 0;
  const original = signal[name].bind(signal);
  Object.defineProperty(signal, name, {
    value(type: string, listener: EventListener) {
      calls++;
      original(type, listener);
    },
  });
  return () => calls;
}

Deno.test("parseRetryAfter() reads seconds and the three forms of a date, a day at most", () => {
  const nowMs = Date.parse("1994-11-06T08:49:00Z");
  const cases: [string | null | undefined, number | undefined][] = [
    ["120", 120_000],
    [" 1.5 ", 1_500],
    ["0", 0],
    ["99999999999999999999", dayMs],
    ["Sun, 06 Nov 1994 08:49:37 GMT", 37_000],
    ["Sunday, 06-Nov-94 08:49:37 GMT", 37_000],
    ["Sun Nov  6 08:49:37 1994", 37_000],
    ["Sun, 06 Nov 1994 08:48:00 GMT", 0],
    ["Sun, 06 Nov 2094 08:49:37 GMT", dayMs],
    ["Sun, 99 Nov 1994 08:49:37 GMT", undefined],
    ["-1", undefined],
    ["5 apples", undefined],
    ["2026", 2_026_000],
    ["1994-11-06T08:49:37Z", undefined],
    ["", undefined],
    [null, undefined],
    [undefined, undefined],
  ];
  for (const [value, expectedMs] of cases) {
    assert.equal(parseRetryAfter(value, nowMs), expectedMs, String(value));
  }
});

Deno.test("parseRetryAfter() makes of any text a wait of at most a day, or nothing", () => {
  const text = fc.oneof(fc.string(), fc.integer().map(String), fc.date().map(String));
  fc.assert(fc.property(text, fc.nat(), (value, nowMs) => {
    const delayMs = parseRetryAfter(value, nowMs);
    assert.ok(delayMs === undefined || (delayMs >= 0 && delayMs <= dayMs));
  }));
});
