import assert from "node:assert/strict";
import { isFailure } from "../../../lib/errors.ts";
import { admitTry } from "../../../services/auth/admit_try.ts";
import { deleteEndedSessions } from "../../../services/auth/mod.ts";
import { logIn } from "../../../services/auth/mod.ts";
import { type AuthCtx, password, register, system, withAuth } from "./auth_world.ts";

const limited = { LIMIT_SIGN_IN: "10/900", REDIS_DEADLINE_MS: "5000" };
const email = "ada@example.com";

/** How many of so many tries at once were let through; anything but a refusal by the limit is a failure. */
async function letThrough(processes: AuthCtx[], tries: number, known = false): Promise<number> {
  const outcomes = await Promise.allSettled(
    Array.from(
      { length: tries },
      (_, n) =>
        admitTry(processes[n % processes.length]!, n % 2 ? email : " ADA@example.com", known),
    ),
  );
  for (const outcome of outcomes) {
    if (outcome.status === "rejected" && !isFailure(outcome.reason, "too_many_requests")) {
      throw outcome.reason;
    }
  }
  return outcomes.filter(({ status }) => status === "fulfilled").length;
}

Deno.test("admitTry() lets exactly the limit through, over two processes at once", async () => {
  await withAuth(async ({ ctx, isolate, advance }) => {
    assert.equal(await letThrough([ctx, isolate()], 30), 10);
    advance(900_000);
    assert.equal(await letThrough([ctx, isolate()], 30), 10);
  }, limited);
});

Deno.test("admitTry() counts exactly in Postgres while Redis is away, and the window slides there too", async () => {
  await withAuth(async ({ ctx, isolate, redis, advance }) => {
    redis.setFault({ kind: "refuse" });
    assert.equal(await letThrough([ctx, isolate()], 30), 10);
    assert.equal(await letThrough([isolate()], 5), 0);
    advance(850_000);
    assert.equal(await letThrough([isolate()], 5), 0);
    advance(50_000);
    assert.equal(await letThrough([ctx, isolate()], 30), 10);
  }, limited);
});

Deno.test("admitTry() lets nobody through while both are away", async () => {
  await withAuth(async ({ ctx, redis }) => {
    redis.setFault({ kind: "refuse" });
    await ctx.database.close();
    await assert.rejects(admitTry(ctx, email, false));
  }, limited);
});

Deno.test("who uses up the tries of somebody else's account from afar does not lock them out where they are at home", async () => {
  await withAuth(async ({ ctx, isolate }) => {
    await register(ctx);
    await logIn(ctx, { email, password });
    const afar = { ...isolate(), origin: { address: "198.51.100.1", userAgent: "" } };
    assert.equal(await letThrough([afar], 30), 9);
    await logIn(ctx, { email, password });
    // At home there is a limit too.
    assert.equal(await letThrough([ctx], 30, true), 8);
  }, limited);
});

Deno.test("deleteEndedSessions() forgets tries that no longer count", async () => {
  await withAuth(async ({ ctx, isolate, redis, inspect, advance }) => {
    redis.setFault({ kind: "refuse" });
    await letThrough([ctx], 3);
    const kept = async () => (await inspect.sql`select from sign_in_attempts`).length;
    assert.equal(await kept(), 6);
    advance(25 * 3_600_000);
    await deleteEndedSessions(system(isolate()));
    assert.equal(await kept(), 0);
  }, limited);
});
