import assert from "node:assert/strict";
import fc from "fast-check";
import { isFailure } from "../../../lib/errors.ts";
import { readBytes } from "../../../lib/read_bytes.ts";
import { post, smallApi } from "./small_api.ts";
import { reachable } from "../../support/exchange.ts";

const encoder = new TextEncoder();
const says = async (path: string, body: BodyInit, contentType?: string | null) => {
  const { status, code } = await post(path, body, contentType);
  return code === undefined ? `${status}` : `${status} ${code}`;
};

const contentTypes: [given: string | null, answer: string][] = [
  ["application/json", "200"],
  ["application/json; charset=utf-8", "200"],
  ['application/json ; charset="UTF-8"', "200"],
  ["APPLICATION/JSON", "200"],
  ["application/merge-patch+json", "200"],
  [null, "415 unsupported_media_type"],
  ["", "415 unsupported_media_type"],
  ["text/plain", "415 unsupported_media_type"],
  ["text/json", "415 unsupported_media_type"],
  ["application/x-www-form-urlencoded", "415 unsupported_media_type"],
  ["multipart/form-data; boundary=x", "415 unsupported_media_type"],
  ["application/json; charset=utf-16", "415 unsupported_media_type"],
  ["application/json; charset=iso-8859-1", "415 unsupported_media_type"],
  ["application/jsonp", "415 unsupported_media_type"],
  ["application/vnd.api+json", "415 unsupported_media_type"],
  ["text/plain, application/json", "415 unsupported_media_type"],
];

Deno.test("a body is JSON in UTF-8 by its content type, or it is not read", async () => {
  for (const [given, answer] of contentTypes) {
    // Bytes, since a text would bring a content type of its own.
    assert.equal(await says("/notes", encoder.encode('{"text":"x"}'), given), answer, `${given}`);
  }
});

Deno.test("a body that was taken by its content type is the body that is checked, whatever the type's spelling", async () => {
  for (const [given, answer] of contentTypes) {
    if (answer !== "200") continue;
    const { got } = await post("/notes", encoder.encode('{"text":"x"}'), given);
    assert.deepEqual(got, { text: "x" }, `${given}`);
  }
});

const bodies: [what: string, body: BodyInit, answer: string][] = [
  ["nothing", "", "400 malformed_json"],
  ["half an object", '{"text":', "400 malformed_json"],
  ["something after the end", "{} {}", "400 malformed_json"],
  ["a comment", "{} // x", "400 malformed_json"],
  ["single quotes", "{'text':'x'}", "400 malformed_json"],
  ["not a number", "NaN", "400 malformed_json"],
  ["a form", "text=x", "400 malformed_json"],
  ["a byte order mark", '\ufeff{"text":"x"}', "400 malformed_json"],
  ["a raw line break in a text", '{"text":"a\nb"}', "400 malformed_json"],
  ["a raw NUL", '{"text":"\u0000"}', "400 malformed_text"],
  ["a NUL as an escape", '{"text":"a\\u0000b"}', "400 malformed_text"],
  ["a NUL in a name", '{"a\\u0000":1}', "400 malformed_text"],
  ["half a pair as an escape", '{"text":"\\ud800"}', "400 malformed_text"],
  ["the other half", '{"text":"x\\uDC00"}', "400 malformed_text"],
  ["both halves the wrong way round", '{"text":"\\udc00\\ud800"}', "400 malformed_text"],
  ["half a pair in a name", '{"\\ud800":1}', "400 malformed_text"],
  ["half a pair deep inside", '{"inner":{"deep":"\\udbff!"}}', "400 malformed_text"],
  ["a pair as escapes", '{"text":"\\ud83d\\ude00"}', "200"],
  ["a backslash before u0000", '{"text":"\\\\u0000"}', "200"],
  ["a backslash before ud800", '{"text":"\\\\ud800"}', "200"],
  ["a prototype by its name", '{"text":"x","__proto__":{"a":1}}', "422 invalid_request"],
  ["that name deep inside", '{"inner":{"__proto__":{"a":1}}}', "422 invalid_request"],
  ["that name in escapes", '{"text":"x","_\\u005Fproto__":1}', "422 invalid_request"],
  ["that name as a text", '{"text":"__proto__"}', "200"],
  ["UTF-16", new Uint8Array([0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00]), "400 malformed_text"],
  ["a stray byte", bytes('{"text":"', 0xff, '"}'), "400 malformed_text"],
  ["an overlong slash", bytes('{"text":"', 0xc0, 0xaf, '"}'), "400 malformed_text"],
  ["half a pair in bytes", bytes('{"text":"', 0xed, 0xa0, 0x80, '"}'), "400 malformed_text"],
  ["a character cut off", bytes('{"text":"', 0xe2, 0x82, '"}'), "400 malformed_text"],
  [
    "a code point beyond the last",
    bytes('{"text":"', 0xf4, 0x90, 0x80, 0x80, '"}'),
    "400 malformed_text",
  ],
];

Deno.test("a body is strict JSON in strict UTF-8, without NUL and without half a surrogate pair", async () => {
  for (const [what, body, answer] of bodies) assert.equal(await says("/notes", body), answer, what);
});

Deno.test("every text that JSON can carry whole arrives whole", async () => {
  const text = fc.string({ unit: "binary" }).filter((value) => !value.includes("\0"));
  await fc.assert(
    fc.asyncProperty(text, async (value) => {
      const { got } = await post("/notes", JSON.stringify({ text: value }));
      assert.deepEqual(got, { text: value });
    }),
    { numRuns: 200 },
  );
});

const nested = (depth: number, open = "[", close = "]") => open.repeat(depth) + close.repeat(depth);

Deno.test("a body may nest 32 deep and no deeper, by arrays, objects or both", async () => {
  assert.equal(await says("/any", nested(32)), "200");
  assert.equal(await says("/any", nested(33)), "400 too_deep");
  assert.equal(await says("/any", `${'{"a":['.repeat(16)}${"]}".repeat(16)}`), "200");
  assert.equal(await says("/any", `[${'{"a":['.repeat(16)}${"]}".repeat(16)}]`), "400 too_deep");
  assert.equal(await says("/any", nested(400_000)), "400 too_deep");
  assert.equal(await says("/any", "[".repeat(900_000)), "400 too_deep");
});

Deno.test("brackets inside of texts are not nesting", async () => {
  assert.equal(await says("/any", JSON.stringify({ text: "[{".repeat(5_000) })), "200");
  assert.equal(await says("/any", `["\\"[[[[", "${"[".repeat(40)}\\\\"]`), "200");
  assert.equal(await says("/any", `[${Array(40).fill("[]").join(",")}]`), "200", "side by side");
});

Deno.test("a body at the limit is taken, a byte more is refused, also where its length was not announced", async () => {
  const ofSize = (sizeBytes: number) => JSON.stringify("x".repeat(sizeBytes - 2));
  const inPieces = (text: string) =>
    ReadableStream.from(text.split("").map((c) => encoder.encode(c)));
  for (const wrap of [(text: string): BodyInit => text, inPieces]) {
    assert.equal(await says("/small", wrap(ofSize(100))), "200");
    assert.equal(await says("/small", wrap(ofSize(101))), "413 body_too_large");
  }
  // Characters are not bytes: 34 of these are 102 bytes.
  assert.equal(await says("/small", JSON.stringify("€".repeat(34))), "413 body_too_large");
});

Deno.test("an announced length above the limit is refused before a byte is read", async () => {
  let pulled = 0;
  const stream = new ReadableStream({
    pull(controller) {
      pulled++;
      controller.enqueue(encoder.encode(" "));
    },
  }, { highWaterMark: 0 });
  const response = await reachable(smallApi).request("/small", {
    method: "POST",
    body: stream,
    headers: { "content-type": "application/json", "content-length": "101" },
  });
  assert.equal(response.status, 413);
  assert.equal(pulled, 0);
  await response.body?.cancel();
});

Deno.test("a body without end is not read further than its limit, and its sender is told to stop", async () => {
  let pulled = 0;
  const stopped = Promise.withResolvers<void>();
  const endless = new ReadableStream({
    pull(controller) {
      pulled++;
      controller.enqueue(new Uint8Array(64));
    },
    cancel: () => stopped.resolve(),
  });
  assert.equal(await says("/small", endless), "413 body_too_large");
  await stopped.promise;
  assert.ok(pulled < 10);
});

Deno.test("a sender that dawdles is refused, even where what has come so far would do", async () => {
  const dawdling = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(encoder.encode('{"text":"x"}')),
  });
  const request = new Request("http://x/", { method: "POST", body: dawdling });
  await assert.rejects(readBytes(request, 100, 30), (error) => isFailure(error, "body_too_slow"));
});

Deno.test("a body that breaks off is the sender's error and no bug of ours", async () => {
  const broken = new ReadableStream({
    pull: (controller) => controller.error(new TypeError("connection reset")),
  });
  assert.equal(await says("/notes", broken), "400 malformed_json");
});

Deno.test("a handler that asks for the body again gets it", async () => {
  const { got, again } = await post("/any", '{"a":[1,2]}');
  assert.deepEqual([got, again], [{ a: [1, 2] }, { a: [1, 2] }]);
});

function bytes(...parts: (string | number)[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(
    parts.flatMap((part) => typeof part === "number" ? [part] : [...encoder.encode(part)]),
  );
}

Deno.test("over a socket, a body that was announced and does not come is refused in time, and its connection ends", async () => {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    try {
      return new Response(String((await readBytes(request, 1_000, 100)).byteLength));
    } catch (error) {
      return new Response(isFailure(error) ? error.code : "a bug", { status: 400 });
    }
  });
  const answerTo = async (announced: number, sent: string) => {
    using connection = await Deno.connect({ hostname: "127.0.0.1", port: server.addr.port });
    const head = `POST / HTTP/1.1\r\nhost: almanac\r\ncontent-length: ${announced}\r\n\r\n`;
    await connection.write(encoder.encode(head + sent));
    const buffer = new Uint8Array(4_096);
    const size = await connection.read(buffer) ?? 0;
    return new TextDecoder().decode(buffer.subarray(0, size)).split("\r\n\r\n");
  };
  const [head, code] = await answerTo(10, "abc");
  assert.equal(code, "body_too_slow");
  assert.match(head ?? "", /connection: close/i);
  assert.equal((await answerTo(2_000, "abc"))[1], "body_too_large");
  assert.equal((await answerTo(3, "abc"))[1], "3");
  await server.shutdown();
});
