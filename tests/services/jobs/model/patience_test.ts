import assert from "node:assert/strict";
import { patienceMs, roundsMax } from "../../../../services/jobs/model/patience.ts";
import { retryDelayMs } from "../../../../dev/qstash/retry_delay.ts";

Deno.test("a message is given up for lost only when QStash can have made its last try long since", () => {
  for (let retries = 0; retries <= 5; retries++) {
    const policy = { retries, timeLimitSeconds: 30 };
    let lastEndsMs = policy.timeLimitSeconds * 1_000;
    for (let retried = 0; retried < retries; retried++) {
      const headers = new Headers();
      lastEndsMs += retryDelayMs({ retried, headers, nowMs: 0 }) + policy.timeLimitSeconds * 1_000;
    }
    const rounds = patienceMs(policy);
    assert.equal(rounds.length, roundsMax + 1);
    assert.ok((rounds.at(-1) ?? 0) > lastEndsMs, `${retries} retries`);
  }
});

Deno.test("a copy is sent within the hour at first, and later from round to round", () => {
  const rounds = patienceMs({ retries: 5, timeLimitSeconds: 30 });
  assert.deepEqual(rounds, rounds.toSorted((a, b) => a - b));
  assert.ok((rounds[0] ?? 0) < 3_600_000);
});
