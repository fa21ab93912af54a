import assert from "node:assert/strict";
import fc from "fast-check";
import { mergePatch } from "../../lib/merge_patch.ts";

/** RFC 7396, appendix A: original, patch, result. */
const cases: [original: string, patch: string, result: string][] = [
  ['{"a":"b"}', '{"a":"c"}', '{"a":"c"}'],
  ['{"a":"b"}', '{"b":"c"}', '{"a":"b","b":"c"}'],
  ['{"a":"b"}', '{"a":null}', "{}"],
  ['{"a":"b","b":"c"}', '{"a":null}', '{"b":"c"}'],
  ['{"a":["b"]}', '{"a":"c"}', '{"a":"c"}'],
  ['{"a":"c"}', '{"a":["b"]}', '{"a":["b"]}'],
  ['{"a":{"b":"c"}}', '{"a":{"b":"d","c":null}}', '{"a":{"b":"d"}}'],
  ['{"a":[{"b":"c"}]}', '{"a":[1]}', '{"a":[1]}'],
  ['["a","b"]', '["c","d"]', '["c","d"]'],
  ['{"a":"b"}', '["c"]', '["c"]'],
  ['{"a":"foo"}', "null", "null"],
  ['{"a":"foo"}', '"bar"', '"bar"'],
  ['{"e":null}', '{"a":1}', '{"e":null,"a":1}'],
  ["[1,2]", '{"a":"b","c":null}', '{"a":"b"}'],
  ["{}", '{"a":{"bb":{"ccc":null}}}', '{"a":{"bb":{}}}'],
];

Deno.test("mergePatch() answers every example of RFC 7396 and changes neither of its arguments", () => {
  for (const [original, patch, result] of cases) {
    const [target, change] = [JSON.parse(original), JSON.parse(patch)];
    assert.deepEqual(mergePatch(target, change), JSON.parse(result), `${original} + ${patch}`);
    assert.equal(JSON.stringify(target), original);
    assert.equal(JSON.stringify(change), patch);
  }
});

Deno.test("a patch applied twice is the patch applied once", () => {
  fc.assert(fc.property(fc.jsonValue(), fc.jsonValue(), (target, patch) => {
    const once = mergePatch(target, patch);
    assert.deepEqual(mergePatch(once, patch), once);
  }));
});

const hostileNames = ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty"];

/** Runs `work` with the setter `__proto__` that engines have of themselves; where it is in force, Deno has changed it. */
function asElsewhere(work: () => void) {
  const before = Object.getOwnPropertyDescriptor(Object.prototype, "__proto__");
  Object.defineProperty(Object.prototype, "__proto__", {
    configurable: true,
    get() {
      return Object.getPrototypeOf(this);
    },
    set(prototype) {
      if (Object(prototype) === prototype) Object.setPrototypeOf(this, prototype);
    },
  });
  try {
    work();
  } finally {
    Reflect.deleteProperty(Object.prototype, "__proto__");
    if (before) Object.defineProperty(Object.prototype, "__proto__", before);
  }
}

/** Any JSON whose objects have fields of those names as well, at every depth. */
const json: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom<unknown>(null, true, 1, "text"),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.uniqueArray(
      fc.tuple(fc.constantFrom(...hostileNames, "a", "b"), tie("value")),
      { maxLength: 4, selector: ([name]) => name },
    ).map((fields) => Object.fromEntries(fields)),
  ),
})).value;

Deno.test("a patch cannot reach the prototype of objects, whatever its fields are called and however deep they are", () => {
  asElsewhere(() => {
    const names = () => Reflect.ownKeys(Object.prototype).map(String);
    const before = names();
    fc.assert(fc.property(json, json, (target, patch) => {
      const merged = mergePatch(target, patch);
      assert.deepEqual(names(), before);
      everyObject(merged, (object) => {
        assert.equal(Object.getPrototypeOf(object), Object.prototype);
      });
    }));
  });
});

Deno.test("mergePatch() is the function of RFC 7396 for every name, those of Object.prototype included", () => {
  asElsewhere(() =>
    fc.assert(fc.property(json, json, (target, patch) => {
      assert.equal(textOf(mergePatch(target, patch)), textOf(merge(target, patch)));
    }))
  );
});

Deno.test("a hostile field stays a field of its own, for a strict schema to refuse", () => {
  const patch = JSON.parse('{"a":{"__proto__":{"polluted":true}},"constructor":{"b":null}}');
  const merged = mergePatch({ a: { kept: 1 } }, patch) as Record<string, object>;
  assert.deepEqual(Object.keys(merged.a ?? {}), ["kept", "__proto__"]);
  assert.deepEqual(Object.getOwnPropertyDescriptor(merged, "constructor")?.value, {});
  assert.equal("polluted" in (merged.a ?? {}), false);
});

/** The RFC's pseudo-code over lists of pairs, which have no prototype that could be reached. */
type Pairs = { pairs: [string, unknown][] };

function merge(target: unknown, patch: unknown): unknown {
  const change = pairsOf(patch);
  if (change === undefined) return patch;
  let { pairs } = pairsOf(target) ?? { pairs: [] };
  for (const [name, value] of change.pairs) {
    const present = pairs.find(([known]) => known === name);
    pairs = value === null
      ? pairs.filter(([known]) => known !== name)
      : present
      ? pairs.map(([known, old]) => [known, known === name ? merge(old, value) : old])
      : [...pairs, [name, merge(undefined, value)]];
  }
  return { pairs };
}

function pairsOf(value: unknown): Pairs | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const known = Object.getOwnPropertyDescriptor(value, "pairs");
  return known ? value as Pairs : { pairs: Object.entries(value) };
}

/** Text in which nothing of an object is lost, its prototype's name least of all. */
function textOf(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(textOf)}]`;
  const object = pairsOf(value);
  if (object === undefined) return JSON.stringify(value) ?? "nothing";
  return `{${object.pairs.map(([name, inner]) => `${name}:${textOf(inner)}`)}}`;
}

function everyObject(value: unknown, look: (object: object) => void): void {
  if (typeof value !== "object" || value === null) return;
  if (!Array.isArray(value)) look(value);
  for (const inner of Object.values(value)) everyObject(inner, look);
}
