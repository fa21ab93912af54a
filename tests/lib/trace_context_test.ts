import assert from "node:assert/strict";
import fc from "fast-check";
import { parseTraceparent, traceHeaders } from "../../lib/trace_context.ts";

const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
const parentId = "00f067aa0ba902b7";
const valid = `00-${traceId}-${parentId}-01`;

/** Cases of the W3C's own test suite (w3c/trace-context, test/test.py) and of section 3.2 of the recommendation. */
const refused: [what: string, header: string][] = [
  ["nothing", ""],
  ["upper case in the trace id", `00-${traceId.toUpperCase()}-${parentId}-01`],
  ["upper case in the parent id", `00-${traceId}-${parentId.toUpperCase()}-01`],
  ["a trace id of zeros", `00-${"0".repeat(32)}-${parentId}-01`],
  ["a parent id of zeros", `00-${traceId}-${"0".repeat(16)}-01`],
  ["version ff", `ff-${traceId}-${parentId}-01`],
  ["a version that is no number", `0x-${traceId}-${parentId}-01`],
  ["more behind version 00", `${valid}-what`],
  ["a dash behind version 00", `${valid}-`],
  ["a trace id that is too short", `00-${traceId.slice(1)}-${parentId}-01`],
  ["a trace id that is too long", `00-${traceId}0-${parentId}-01`],
  ["a parent id that is too long", `00-${traceId}-${parentId}0-01`],
  ["no digit in an id", `00-${traceId.replace("4", ".")}-${parentId}-01`],
  ["flags that are too short", `00-${traceId}-${parentId}-1`],
  ["flags that are none", `00-${traceId}-${parentId}-.1`],
  ["other separators", valid.replaceAll("-", "_")],
  ["a later version with something glued to it", `cc-${traceId}-${parentId}-01.what`],
  ["blanks", ` ${valid}`],
  ["two of them", `${valid}, ${valid}`],
];

Deno.test("a traceparent by the recommendation is taken, with the trace that it names", () => {
  for (const header of [valid, valid.replace(/01$/, "00"), valid.replace(/01$/, "ff")]) {
    assert.deepEqual(parseTraceparent(header), { traceId, traceparent: header });
  }
});

Deno.test("a later version is read as far as version 00 goes", () => {
  for (const header of [`cc-${traceId}-${parentId}-01`, `cc-${traceId}-${parentId}-01-what`]) {
    assert.equal(parseTraceparent(header)?.traceId, traceId);
  }
});

Deno.test("whatever is no traceparent starts no trace of somebody else's", () => {
  assert.equal(parseTraceparent(null), undefined);
  for (const [what, header] of refused) assert.equal(parseTraceparent(header), undefined, what);
  const pattern = /^(?!ff)[\da-f]{2}-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2}(?=$|-)/;
  const near = fc.tuple(fc.nat(valid.length), fc.string({ maxLength: 2 })).map(([at, text]) =>
    valid.slice(0, at) + text + valid.slice(at + text.length)
  );
  fc.assert(fc.property(near, (header) => {
    const ok = pattern.test(header) && (!header.startsWith("00") || header.length === 55);
    assert.equal(parseTraceparent(header) !== undefined, ok, header);
  }));
});

Deno.test("tracestate goes along with a valid traceparent only, and is passed on as it came", () => {
  const state = "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE";
  const trace = parseTraceparent(valid, state);
  assert.deepEqual(traceHeaders(trace), { traceparent: valid, tracestate: state });
  assert.deepEqual(traceHeaders(parseTraceparent(valid, "")), { traceparent: valid });
  assert.deepEqual(traceHeaders(parseTraceparent(valid, "a".repeat(513))), { traceparent: valid });
  assert.deepEqual(traceHeaders(parseTraceparent(valid, "a=\x7f")), { traceparent: valid });
  assert.deepEqual(traceHeaders(parseTraceparent("nonsense", state)), {});
});
