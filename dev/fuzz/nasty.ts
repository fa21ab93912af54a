/** Values that have broken programs before. */
import fc from "fast-check";

/** Stands in a JSON value for text that `writeJson` writes without quotes: what JSON can say and a double cannot hold. */
const rawMark = "\u2063raw:";

export const nastyTexts = [
  "",
  " ",
  "\0",
  "a\0b",
  "\ud800",
  "\udfff\ud800",
  "\u202e\u2066evil",
  "🏳️‍🌈é́",
  "\r\nset-cookie: a=b",
  "'; drop table plans; --",
  '" or 1=1 --',
  "{{7*7}}${7*7}<%= 7 %>",
  "<script>alert(1)</script>",
  "../../../etc/passwd",
  "%00%0a..%2f",
  "__proto__",
  "constructor",
  "toString",
  "null",
  "NaN",
  "-0",
  "1e400",
  "0x10",
  "１２３",
  "١٢٣",
  "2026-02-30",
  "0000-00-00T00:00:00.000Z",
  "275760-09-13T00:00:00.001Z",
  "00000000-0000-0000-0000-000000000000",
  "a".repeat(256),
  "ä".repeat(5_000),
  "(".repeat(2_000),
];

export const nastyNumbers = [
  0,
  -1,
  1.5,
  -0,
  0.1 + 0.2,
  2 ** 31,
  2 ** 53 + 2,
  1e21,
  -1e308,
  5e-324,
];

const rawNumbers = ["1e400", "-1e400", "1".repeat(400), `0.${"1".repeat(400)}`, "1E+2"];

/** Anything that JSON can say, and a few things that it can only just say. */
export const nastyValue: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(null, true, false, [], {}, [[]], [null], { "": "" }),
  fc.constantFrom(...nastyTexts),
  fc.constantFrom(...nastyNumbers),
  fc.constantFrom(...rawNumbers.map((text) => rawMark + text)),
  fc.constantFrom({ __proto__x: 1 }, JSON.parse('{"__proto__":{"admin":true}}')),
  fc.integer({ min: 2, max: 60 }).map(nested),
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.jsonValue({ maxDepth: 3 }),
);

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) value = level % 2 === 0 ? [value] : { a: value };
  return value;
}

/** The text of a JSON value, numbers that no double can hold included. */
export function writeJson(value: unknown): string {
  return JSON.stringify(value)?.replaceAll(
    new RegExp(`"${rawMark}([^"]*)"`, "g"),
    (_, text: string) => text,
  ) ?? "";
}

/** Header values that no client of good will sends; all that HTTP itself lets through. */
export const nastyHeaders: Record<string, string[]> = {
  "if-match": [
    '"0"',
    '"-1"',
    '"1", "2"',
    'W/"1"',
    "1",
    "*",
    "",
    '"999999999999999"',
    "\xff\xfe",
    '"'.repeat(500),
  ],
  "if-none-match": ["*", '"0"', 'W/"x", "y"', "", ",".repeat(300), '"unclosed'],
  "idempotency-key": ["", " ", "k", "a".repeat(300), '"quoted"', "\xe9", "../../x"],
  "traceparent": [
    "",
    "00-0-0-0",
    "00-".padEnd(5_00, "f"),
    "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
  ],
  "accept-encoding": ["", "*;q=0", "gzip;q=9", "br;q=0.000001, ,", "identity;q=0", "\xff"],
  "accept": ["", "text/html", "application/xml;q=1", "*/*;q=0", "text/event-stream"],
  "content-encoding": ["gzip", "br", "identity, gzip", "x"],
  "prefer": ["wait=0", "wait=-1", "wait=1e9", "wait", "respond-async"],
  "x-request-id": [
    "",
    "short",
    "a".repeat(65),
    "white space",
    "../../../etc",
    "\xe9\xe9\xe9\xe9\xe9\xe9\xe9\xe9",
  ],
  "x-forwarded-for": ["", "1.2.3.4", "::1, nonsense", "unknown".repeat(100)],
  "origin": ["null", "https://evil.example", "javascript:alert(1)"],
  "act-for": ["", "nobody", "00000000-0000-0000-0000-000000000000"],
  "range": ["bytes=0-0", "bytes=-1", "nonsense"],
  "accept-language": ["", "xx-XX;q=9", "*".repeat(200)],
};

export const nastyAuthorizations = [
  "",
  "Bearer",
  "Bearer ",
  "Bearer x.y.z",
  "bearer null",
  "Basic YWRtaW46YWRtaW4=",
  `Bearer ${"a".repeat(8_000)}`,
  "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9.",
  "Token \xff",
];

export const nastyContentTypes = [
  "",
  "text/plain",
  "application/xml",
  "application/json; charset=utf-16",
  "application/json;charset=utf-8",
  "application/merge-patch+json",
  "multipart/form-data; boundary=x",
  "application/x-www-form-urlencoded",
  "application/json, text/plain",
  "nonsense",
];
