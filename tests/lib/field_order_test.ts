import assert from "node:assert/strict";
import fc from "fast-check";
import { fieldRanks, inFieldOrder } from "../../lib/field_order.ts";

const ranks = fieldRanks(["name", "amount", "inner"]);

Deno.test("inFieldOrder() puts fields in their order at every depth, unknown ones last by alphabet, lists as they are", () => {
  const value = { z: 1, inner: [{ amount: 2, name: "b" }, { y: 0, a: 0, name: "a" }], name: "x" };
  assert.equal(
    JSON.stringify(inFieldOrder(value, ranks)),
    '{"name":"x","inner":[{"name":"b","amount":2},{"name":"a","a":0,"y":0}],"z":1}',
  );
});

Deno.test("inFieldOrder() changes nothing but the order, and comes to the same text from every order", () => {
  fc.assert(fc.property(fc.jsonValue(), fc.infiniteStream(fc.double()), (value, chance) => {
    const shown = inFieldOrder(value, ranks);
    assert.deepEqual(shown, value);
    assert.equal(
      JSON.stringify(inFieldOrder(shuffled(value, chance), ranks)),
      JSON.stringify(shown),
    );
  }));
});

function shuffled(value: unknown, chance: Iterator<number>): unknown {
  if (Array.isArray(value)) return value.map((item) => shuffled(item, chance));
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).map(([name, inner]) =>
    [chance.next().value as number, name, shuffled(inner, chance)] as const
  );
  fields.sort(([a], [b]) => a < b ? -1 : 1);
  return Object.fromEntries(fields.map(([, name, inner]) => [name, inner]));
}
