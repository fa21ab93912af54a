import assert from "node:assert/strict";
import { createLog, silentLog } from "../../../lib/log.ts";
import { createNudge } from "../../../services/jobs/mod.ts";

Deno.test("a nudge publishes in the background: once at a time, and once more if asked meanwhile", async () => {
  const rounds: PromiseWithResolvers<void>[] = [];
  const nudge = createNudge(() => {
    const round = Promise.withResolvers<void>();
    rounds.push(round);
    return round.promise;
  }, silentLog);
  for (let time = 0; time < 5; time++) nudge();
  assert.equal(rounds.length, 1);
  rounds[0]?.resolve();
  await turn();
  assert.equal(rounds.length, 2, "whoever asked while it ran is served by one more round");
  rounds[1]?.resolve();
  await turn();
  assert.equal(rounds.length, 2);
  nudge();
  assert.equal(rounds.length, 3);
  rounds[2]?.resolve();
  await turn();
});

Deno.test("a round that fails is logged, and the next nudge publishes again", async () => {
  const lines: string[] = [];
  const log = createLog({
    level: "warn",
    format: "json",
    now: Date.now,
    write: (line) => lines.push(line),
  });
  let rounds = 0;
  const nudge = createNudge(() => {
    rounds++;
    return Promise.reject(new Error("away"));
  }, log);
  nudge();
  await turn();
  nudge();
  await turn();
  log.flush();
  assert.equal(rounds, 2);
  assert.match(lines.join("\n"), /outbox not published/);
});

/** Lets everything that is ready run. */
async function turn(): Promise<void> {
  for (let step = 0; step < 10; step++) await Promise.resolve();
}
