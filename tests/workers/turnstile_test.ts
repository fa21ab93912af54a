import assert from "node:assert/strict";
import { createTurnstile } from "../../workers/turnstile.ts";
import { pollUntil } from "../support/poll.ts";
import { type Door, shortJob, withDoor } from "./door.ts";

Deno.test("a turnstile lets so many in at once, and keeps a line of those who find room within seconds", async () => {
  const turnstile = createTurnstile(2);
  let inside = 0;
  let most = 0;
  const gate = Promise.withResolvers<void>();
  const all = Array.from({ length: 600 }, () =>
    turnstile(async () => {
      most = Math.max(most, ++inside);
      await gate.promise;
      inside--;
    }));
  const results = Promise.allSettled(all);
  await pollUntil("two to be inside", () => inside === 2);
  gate.resolve();
  const outcomes = (await results).map(({ status }) => status);
  assert.equal(most, 2);
  assert.equal(outcomes.filter((status) => status === "fulfilled").length, 502);
  let after = 0;
  await turnstile(() => Promise.resolve(after++));
  assert.equal(after, 1, "there is room again");
});

Deno.test("a full house answers 429 with Retry-After, does nothing of the work, and lets it in later", async () => {
  const gate = Promise.withResolvers<void>();
  let started = 0;
  const job = shortJob(() => {
    started++;
    return gate.promise;
  });
  const send = (door: Door, n: number) =>
    door.send("short_test", { key: `k${n}`, version: 1, payload: {} });
  await withDoor([job], async (door) => {
    const first = send(door, 0);
    await pollUntil("one to be at work", () => started === 1);
    const refused = await Promise.all([1, 2, 3].map((n) => send(door, n)));
    for (const { status, code, headers } of refused) {
      assert.equal(`${status} ${code}`, "429 overloaded");
      assert.ok(Number(headers.get("retry-after")) >= 11);
    }
    assert.equal(started, 1);
    gate.resolve();
    assert.equal((await first).outcome, "done");
    for (const n of [1, 2, 3]) assert.equal((await send(door, n)).outcome, "done");
    assert.equal(await door.effects(), 4);
    await door.app.settle();
  }, { env: { JOBS_AT_ONCE: "1" } });
});
