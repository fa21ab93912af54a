import assert from "node:assert/strict";
import { comeAgainSeconds } from "../../workers/come_again.ts";
import { fail } from "../../lib/errors.ts";
import { shortJob, withDoor } from "./door.ts";

Deno.test("who is sent away comes back later each time, within the hour, and not all in one second", () => {
  const waits = [0, 1, 2, 3, 4, 5, 9].map((retried) => comeAgainSeconds(retried, "msg_1"));
  assert.deepEqual(waits, waits.toSorted((a, b) => a - b));
  assert.ok(waits.every((seconds) => seconds >= 11 && seconds <= 4_500), String(waits));
  const total = waits.slice(0, 5).reduce((sum, seconds) => sum + seconds, 0);
  assert.ok(total > 2_700, "five tries outlast an outage of three quarters of an hour");
  const many = Array.from({ length: 100 }, (_, n) => comeAgainSeconds(2, `msg_${n}`));
  assert.ok(new Set(many).size > 30);
});

Deno.test("with a part of ours away a delivery is told when to come again, later from try to try", async () => {
  await withDoor([shortJob(() => fail("unavailable"))], async (door) => {
    const first = await door.send("short_test", { key: "one", version: 1, payload: {} });
    assert.equal(first.status, 503);
    const seconds = Number(first.headers.get("retry-after"));
    assert.ok(seconds >= 11 && seconds <= 19, String(seconds));
    door.app.logged.splice(0);
  });
});
