import assert from "node:assert/strict";
import { hashPartial } from "../../../services/simulation/mod.ts";
import { compileModel, mergePartials, runChunk } from "../../../services/simulation/model/mod.ts";
import { fourRegimePlan } from "./model/models.ts";

Deno.test("hashPartial() is the same for the same paths however split, and no other", async () => {
  const program = compileModel(fourRegimePlan({ months: 36 }));
  const run = (firstPath: number, pathCount: number, seed = 1) =>
    runChunk(program, { seed, firstPath, pathCount });
  const whole = await hashPartial(run(0, 60));
  assert.match(whole, /^sha256:[0-9a-f]{64}$/);
  assert.equal(await hashPartial(mergePartials([run(40, 20), run(0, 40)])), whole);
  assert.notEqual(await hashPartial(run(0, 59)), whole);
  assert.notEqual(await hashPartial(run(1, 60)), whole);
  assert.notEqual(await hashPartial(run(0, 60, 2)), whole);
});
