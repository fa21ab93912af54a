import assert from "node:assert/strict";
import fc from "fast-check";
import { describeError } from "../../../../services/ops/model/describe_error.ts";
import { scrub } from "../../../../services/ops/model/scrub.ts";

const canaries = [
  "ada.lovelace@example.com",
  "Lovelace",
  "4111111111111111",
  "0190b0f0-0000-7000-8000-00000000beef",
  "1815-12-10",
  "hunter2",
];

const messages: [said: string, kept: string][] = [
  [
    'duplicate key value violates unique constraint "users_email_key"',
    "duplicate key value violates unique constraint …",
  ],
  ['relation "plans" does not exist', "relation … does not exist"],
  ["Key (email)=(ada.lovelace@example.com) already exists.", "Key (email)=(…) already exists."],
  ["no plan 0190b0f0-0000-7000-8000-00000000beef for 7", "no plan # for #"],
  [
    "Cannot read properties of undefined (reading 'Lovelace')",
    "Cannot read properties of undefined (reading …)",
  ],
  ["can't send to ada.lovelace@example.com", "can't send to <email>"],
  ["Invalid time zone specified: Lovelace", "Invalid time zone specified: …"],
  ["GET https://x.example/p?card=4111111111111111 failed", "GET <url> failed"],
  [
    `Unexpected token 'L', ..."ame": "Lovelace"... is not valid JSON`,
    "Unexpected token …, ...…... is not valid JSON",
  ],
  ['cut off within "Lovelace', "cut off within …"],
  ["born on 1815-12-10", "born on #"],
];

Deno.test("a message keeps what it says and loses every value in it", () => {
  for (const [said, kept] of messages) assert.equal(scrub(said), kept);
});

Deno.test("no value in quotes, in parentheses behind an equals sign, in an address or with a digit comes through, wherever it stands", () => {
  const wrap = fc.constantFrom(
    (value: string) => `"${value}"`,
    (value: string) => ` '${value}'`,
    (value: string) => `\`${value}\``,
    (value: string) => `Key (x)=(${value})`,
    (value: string) => `https://h.example/${value}`,
    (value: string) => `<${value}@mail.example>`,
    (value: string) => ` no7${value} `,
  );
  const words = fc.constantFrom(
    "row",
    "of",
    "it's",
    "failed",
    "(os error",
    ":",
    '"',
    "'",
    "\n",
    "=",
  );
  const text = fc.array(words, { maxLength: 6 }).map((list) => list.join(" "));
  fc.assert(
    fc.property(text, wrap, text, (before, wrapped, after) => {
      assert.ok(!scrub(`${before} ${wrapped("Lovelace")} ${after}`).includes("Lovelace"));
    }),
    { numRuns: 2_000 },
  );
});

/** An error as V8 would have written it. */
function thrown(message: string, frames: string[], extra: object = {}): Error {
  const error = Object.assign(new TypeError(message), extra);
  error.stack = [`TypeError: ${message}`, ...frames.map((frame) => `    at ${frame}`)].join("\n");
  return error;
}

const root = "file:///somewhere/almanac";
const frames = (line: number) => [
  "cachedError (file:///cache/npm/registry.npmjs.org/postgres/3.4.9/src/index.js:169:20)",
  `selectPlans (${root}/services/plans/store.ts:${line}:17)`,
  `async listPlans (${root}/services/plans/list_plans.ts:${line + 3}:9)`,
  "ext:deno_http/00_serve.ts:412:18",
];

Deno.test("an error has one name wherever its lines have moved and whatever its values are", () => {
  const one = describeError(thrown('no row "a" for 12', frames(10)));
  const other = describeError(thrown('no row "b" for 99', frames(320)));
  assert.equal(one.fingerprint, other.fingerprint);
  assert.match(one.fingerprint, /^[0-9a-f]{16}$/);
  assert.equal(one.place, "selectPlans (services/plans/store.ts)");
  assert.deepEqual(one.stack, [
    "cachedError (npm:postgres:169:20)",
    "selectPlans (services/plans/store.ts:10:17)",
    "listPlans (services/plans/list_plans.ts:13:9)",
  ]);
});

Deno.test("in a bundle, where files have no folders and functions short names, the file is told without its hash", () => {
  const { place, stack } = describeError(thrown("no row", [
    "aB (file:///app/dist/edge/chunk-WOT6VMZA.js:1:4711)",
    "async file:///app/dist/edge/main.js:12:9",
  ]));
  assert.equal(place, "aB (chunk)");
  assert.deepEqual(stack, ["aB (chunk:1:4711)", "main:12:9"]);
});

Deno.test("another name, code, sentence or place is another error", () => {
  const base = thrown("no row", frames(10));
  const others = [
    Object.assign(thrown("no row", frames(10)), { name: "RangeError" }),
    thrown("no row", frames(10), { code: "42P01" }),
    thrown("no column", frames(10)),
    thrown("no row", frames(10).map((frame) => frame.replace("selectPlans", "selectPlan"))),
    thrown("no row", frames(10).map((frame) => frame.replace("plans/store", "alerts/store"))),
  ];
  const fingerprints = new Set([base, ...others].map((error) => describeError(error).fingerprint));
  assert.equal(fingerprints.size, others.length + 1);
});

Deno.test("nothing of a message, a detail or a foreign field is kept, even where it looks like a line of the stack", () => {
  const error = thrown(
    `${canaries.join("\n    at ")}\n    at Lovelace (/people/hunter2.ts:1:2)`.replace(/^/, '"'),
    [...frames(10), `Object.[ada.lovelace@example.com] (${root}/lib/hunter2/x.txt:1:1)`],
    { code: "23505", detail: `Key (email)=(${canaries[0]}) already exists.`, parameters: canaries },
  );
  const kept = JSON.stringify(describeError(error));
  for (const canary of canaries) assert.ok(!kept.includes(canary), `${canary} in ${kept}`);
  assert.ok(kept.includes("23505"));
});

Deno.test("whatever is thrown can be described: no error, no stack, no message, or far too much of it", () => {
  const vast = new Error('"'.repeat(1_000_000) + "a@".repeat(100_000));
  vast.stack = `Error: ${"at ".repeat(100_000)}\n${"    at x".repeat(10_000)}`;
  const hostile = Object.assign(new Error("\0\ud800"), {
    name: "a@b\n",
    code: { toString: () => "x y" },
  });
  for (
    const what of [
      undefined,
      null,
      "hunter2",
      7,
      {},
      vast,
      hostile,
      Object.assign(new Error(), { stack: undefined }),
    ]
  ) {
    const startedMs = performance.now();
    const described = describeError(what);
    assert.ok(performance.now() - startedMs < 250, "it takes too long");
    assert.match(described.fingerprint, /^[0-9a-f]{16}$/);
    assert.ok(described.template.length <= 300);
    assert.ok(!JSON.stringify(described).includes("hunter2"));
    assert.ok(!/[\0\ud800]/.test(described.template));
  }
});
