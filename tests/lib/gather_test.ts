import assert from "node:assert/strict";
import { createGatherer, eachAtOnce } from "../../lib/gather.ts";

Deno.test("createGatherer() does together what is asked for while the last batch is at work", async () => {
  const batches: number[][] = [];
  const gates: PromiseWithResolvers<void>[] = [];
  const double = createGatherer(async (items: number[]) => {
    batches.push(items);
    const gate = Promise.withResolvers<void>();
    gates.push(gate);
    await gate.promise;
    return items.map((item) =>
      item < 0
        ? { status: "rejected", reason: new RangeError(String(item)) }
        : { status: "fulfilled", value: item * 2 }
    );
  });
  const first = [double(1), double(2)];
  await Promise.resolve();
  await Promise.resolve();
  const refused = double(-3);
  const second = double(4);
  gates[0]?.resolve();
  assert.deepEqual(await Promise.all(first), [2, 4]);
  gates[1]?.resolve();
  await assert.rejects(refused, RangeError);
  assert.equal(await second, 8);
  assert.deepEqual(batches, [[1, 2], [-3, 4]]);
});

Deno.test("createGatherer() gives what a batch throws to each of it, and goes on with the next", async () => {
  let calls = 0;
  const ask = createGatherer((items: string[]) => {
    if (calls++ === 0) throw new Error("away");
    return Promise.resolve(items.map((value) => ({ status: "fulfilled" as const, value })));
  });
  const outcomes = await Promise.allSettled([ask("a"), ask("b")]);
  assert.deepEqual(outcomes.map(({ status }) => status), ["rejected", "rejected"]);
  assert.equal(await ask("c"), "c");
});

Deno.test("eachAtOnce() works on every item once, and never on more at once than it may", async () => {
  const seen: number[] = [];
  let inside = 0;
  let insideMax = 0;
  await eachAtOnce(Array.from({ length: 40 }, (_, index) => index), 7, async (item) => {
    insideMax = Math.max(insideMax, ++inside);
    for (let turn = 0; turn <= item % 5; turn++) await Promise.resolve();
    seen.push(item);
    inside--;
  });
  assert.equal(insideMax, 7);
  assert.deepEqual(seen.toSorted((a, b) => a - b), Array.from({ length: 40 }, (_, i) => i));
});
