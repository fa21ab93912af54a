import assert from "node:assert/strict";
import { isFailure } from "../../../lib/errors.ts";
import { createQueue } from "../../../services/auth/queue.ts";

Deno.test("the queue runs so many at once and no more, in the order in which they came", async () => {
  const inTurn = createQueue(2, 32);
  let running = 0;
  let most = 0;
  const order: number[] = [];
  const work: Promise<void>[] = [];
  for (let n = 0; n < 30; n++) {
    work.push(inTurn(async () => {
      order.push(n);
      most = Math.max(most, ++running);
      for (let turns = 0; turns < 10; turns++) await null;
      running--;
      if (n % 7 === 3) throw new RangeError("this one fails");
    }));
    // Some come while others wait, some while others end.
    for (let turns = 0; turns < n % 9; turns++) await null;
  }
  const outcomes = await Promise.allSettled(work);
  assert.equal(most, 2);
  assert.deepEqual(order, Array.from({ length: 30 }, (_, n) => n));
  assert.equal(outcomes.filter(({ status }) => status === "rejected").length, 4);
});

Deno.test("a full queue says so, and takes work again once there is room", async () => {
  const inTurn = createQueue(1, 2);
  const { promise: held, resolve: release } = Promise.withResolvers<void>();
  const waiting = [inTurn(() => held), inTurn(() => held), inTurn(() => held)];
  await assert.rejects(inTurn(() => held), (error) => {
    return isFailure(error, "sign_in_busy") && (error.details.retryAfterSeconds ?? 0) > 0;
  });
  release();
  await Promise.all(waiting);
  assert.equal(await inTurn(() => Promise.resolve("served")), "served");
});
