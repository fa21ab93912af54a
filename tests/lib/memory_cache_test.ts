import assert from "node:assert/strict";
import { createMemoryCache } from "../../lib/memory_cache.ts";

function world(entriesMax = 3) {
  let nowMs = 0;
  return { cache: createMemoryCache(() => nowMs, entriesMax), at: (ms: number) => nowMs = ms };
}

Deno.test("an entry is gone at the moment it ends, and not before", () => {
  const { cache, at } = world();
  cache.set("a", 1, 100);
  at(99);
  assert.equal(cache.get("a"), 1);
  at(100);
  assert.equal(cache.get("a"), undefined);
});

Deno.test("a full cache lets go of what was written longest ago, and of nothing else", () => {
  const { cache } = world();
  for (const key of ["a", "b", "c"]) cache.set(key, key, 100);
  cache.set("a", "again", 100);
  cache.set("d", "d", 100);
  assert.deepEqual(["a", "b", "c", "d"].map((key) => cache.get(key)), [
    "again",
    undefined,
    "c",
    "d",
  ]);
});

Deno.test("once() runs one load for everybody who asks meanwhile, and another for who asks later", async () => {
  const { cache } = world();
  let loads = 0;
  const first = Promise.withResolvers<number>();
  const load = () => (loads++, first.promise);
  const asked = [cache.once("k", load), cache.once("k", load), cache.once("k", load)];
  first.resolve(7);
  assert.deepEqual(await Promise.all(asked), [7, 7, 7]);
  assert.equal(loads, 1);
  assert.equal(await cache.once("k", () => Promise.resolve(8)), 8);
});

Deno.test("a load that fails fails for all who waited, and is tried again by the next", async () => {
  const { cache } = world();
  const failing = () => Promise.reject(new Error("away"));
  const asked = [cache.once("k", failing), cache.once("k", failing)];
  for (const one of asked) await assert.rejects(one, /away/);
  assert.equal(await cache.once("k", () => Promise.resolve(1)), 1);
});

Deno.test("once() keeps nothing by itself, and dropping a key forgets it", () => {
  const { cache } = world();
  cache.set("a", 1, 100);
  cache.drop("a");
  assert.equal(cache.get("a"), undefined);
});
