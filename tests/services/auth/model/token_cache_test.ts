import assert from "node:assert/strict";
import fc from "fast-check";
import { createTokenCache } from "../../../../services/auth/model/token_cache.ts";

Deno.test("the token cache forgets at the given moment, both what is good and what is not", () => {
  const cache = createTokenCache<string>(10);
  cache.accept("good", "ada", 100);
  cache.refuse("bad", 100);
  assert.equal(cache.get("good", 99), "ada");
  assert.equal(cache.get("bad", 99), "refused");
  assert.equal(cache.get("good", 100), undefined);
  assert.equal(cache.get("bad", 100), undefined);
  assert.equal(cache.get("unknown", 0), undefined);
});

Deno.test("the token cache keeps what was used last, and a flood of bad tokens pushes no good one out", () => {
  const cache = createTokenCache<string>(3);
  for (const name of ["a", "b", "c"]) cache.accept(name, name, 100);
  cache.get("a", 0);
  cache.accept("d", "d", 100);
  assert.equal(cache.get("b", 0), undefined);
  for (let n = 0; n < 1_000; n++) cache.refuse(`bad ${n}`, 100);
  assert.deepEqual(["a", "c", "d"].map((name) => cache.get(name, 0)), ["a", "c", "d"]);
  assert.equal(cache.get("bad 999", 0), "refused");
  assert.equal(cache.get("bad 0", 0), undefined);
});

Deno.test("the token cache answers as a plain list with the least recently used first out would", () => {
  const key = fc.constantFrom("a", "b", "c", "d", "e");
  const step = fc.oneof(
    fc.record({ kind: fc.constant("accept" as const), key }),
    fc.record({ kind: fc.constant("get" as const), key }),
  );
  fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    const cache = createTokenCache<string>(3);
    let list: string[] = [];
    for (const { kind, key } of steps) {
      const known = list.includes(key);
      if (kind === "get") assert.equal(cache.get(key, 0), known ? key : undefined);
      else cache.accept(key, key, 1);
      if (kind === "accept" || known) list = [...list.filter((one) => one !== key), key].slice(-3);
    }
  }));
});

Deno.test("a token with the signature of another is another token", () => {
  const cache = createTokenCache<string>(10);
  const signature = "s".repeat(512);
  cache.accept(`head.ada.${signature}`, "ada", 100);
  assert.equal(cache.get(`head.eve.${signature}`, 0), undefined);
  cache.refuse(`head.eve.${signature}`, 100);
  assert.equal(cache.get(`head.eve.${signature}`, 0), "refused");
  assert.equal(cache.get(`head.ada.${signature}`, 0), "ada");
});
