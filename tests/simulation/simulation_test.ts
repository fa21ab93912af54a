import assert from "node:assert/strict";
import { runSimulation, swaps } from "./import_map.ts";

const baseSeeds = 250;
const seedsMax = 2_000;

Deno.test("delivery loses nothing and doubles nothing in hundreds of worlds where everything goes wrong", async () => {
  const { code, output } = await runSimulation(["--runs", String(baseSeeds)], false);
  assert.equal(code, 0, output.slice(-8_000));
  assert.match(output, /runs\/s/);
  for (const kind of ["kill", "stall", "commitAnswerLost", "messageLost", "replySwallowed"]) {
    assert.match(output, new RegExp(`${kind} [1-9]`), `no ${kind} was injected`);
  }
});

Deno.test("a run follows from its seed to the last event, so that what one seed shows can be seen again", async () => {
  const [one, again, other] = await Promise.all(
    ["7", "7", "8"].map((seed) => runSimulation(["--seed", seed], false)),
  );
  assert.equal(one?.output, again?.output);
  assert.match(one?.output ?? "", /seed 7, hash [0-9a-f]+/);
  assert.notEqual(one?.output, other?.output);
  for (const job of ["tick", "recover_lost_jobs", "dispatch_notifications", "apply_receipts"]) {
    assert.ok(one?.output.includes(`commit job_runs ${job}/`), `${job} did not run`);
  }
});

Deno.test("each way in which delivery could be broken is noticed by some invariant", async () => {
  const { code, output } = await runSimulation(["--mutations", String(seedsMax)], false);
  assert.equal(code, 0, output);
  const lines = output.trim().split("\n").map((line) => JSON.parse(line));
  assert.ok(lines.length >= 20, `${lines.length} mutations`);
  const missed = lines.filter(({ violated }) => violated === undefined);
  assert.deepEqual(missed.map(({ mutation }) => mutation), []);
});

Deno.test("every module that the simulation has in place of another is there, and so is that one", () => {
  const root = new URL("../../", import.meta.url);
  for (const [real, swapped] of Object.entries(swaps)) {
    assert.ok(Deno.statSync(new URL(real, root)).isFile);
    assert.ok(Deno.statSync(new URL(swapped, import.meta.url)).isFile);
  }
});
