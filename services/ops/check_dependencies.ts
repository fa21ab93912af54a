import { pause, secondMs, stopwatch } from "../../lib/time.ts";
import type { Needs } from "../ctx.ts";
import { measureOutbox } from "../jobs/mod.ts";
import type { Check, Dependency, Readiness } from "./schema.ts";

type CheckNeeds = Needs<"actor" | "database" | "log" | "memory" | "now" | "queue" | "redis">;

const keepMs = secondMs;
/** Whoever probes us loses patience as well: what has not answered by then is down. */
const patienceMs = 2 * secondMs;
/** What a dependency takes longer than without being down. QStash is another continent away at worst. */
const slowAboveMs = { postgres: 500, redis: 150, qstash: 1_500 };
/** QStash is a service of somebody else's, and a probe comes every few seconds from every balancer. */
const qstashKeepMs = { up: 30 * secondMs, down: 5 * secondMs };
/** A tick publishes what is left once a minute: twice that means that it does not. */
const outboxLagMaxSeconds = 120;

/**
 * Asks each dependency, at most once a second however many ask. Down only where the product cannot serve: without
 * Redis it reads from Postgres, and without QStash what is to be done later waits in the outbox.
 */
export async function checkDependencies(ctx: CheckNeeds): Promise<Readiness> {
  const kept = ctx.memory.get<Readiness>("readiness");
  if (kept) return kept;
  const readiness = await ctx.memory.once("readiness", () => ask(ctx));
  ctx.memory.set("readiness", readiness, keepMs);
  return readiness;
}

async function ask(ctx: CheckNeeds): Promise<Readiness> {
  let lagSeconds: number | null = null;
  const [postgres, redis, qstash] = await Promise.all([
    probe("postgres", async () => void (lagSeconds = await askPostgres(ctx))),
    probe("redis", () => ctx.redis.call((client) => client.ping())),
    askQstash(ctx),
  ]);
  const dependencies = [postgres, redis, qstash];
  const checks = [outboxCheck(lagSeconds)];
  const well = [...dependencies, ...checks].every(({ state }) => state === "up");
  return {
    state: postgres.state === "down" ? "down" : well ? "ready" : "degraded",
    dependencies,
    checks,
  };
}

/** As nobody: the system's transactions may take ten times as long, and whoever asks wants to know now. */
async function askPostgres(ctx: CheckNeeds): Promise<number> {
  const nobody = { ...ctx, actor: { kind: "anonymous" } as const };
  return (await measureOutbox(nobody)).lagSeconds;
}

async function askQstash(ctx: CheckNeeds): Promise<Dependency> {
  const kept = ctx.memory.get<Dependency>("readiness:qstash");
  if (kept) return kept;
  const found = await probe("qstash", () => ctx.queue.reach());
  const { up, down } = qstashKeepMs;
  ctx.memory.set("readiness:qstash", found, found.state === "down" ? down : up);
  return found;
}

async function probe(
  name: keyof typeof slowAboveMs,
  call: () => Promise<unknown>,
): Promise<Dependency> {
  const elapsedMs = stopwatch();
  const answered = new AbortController();
  const late = pause(patienceMs, answered.signal).then(() => false);
  const isUp = await Promise.race([call().then(() => true, () => false), late]);
  answered.abort();
  const latencyMs = Math.round(elapsedMs() * 10) / 10;
  const limit = slowAboveMs[name];
  const state = !isUp ? "down" : latencyMs > limit ? "degraded" : "up";
  return { name, state, latencyMs, slowAboveMs: limit };
}

function outboxCheck(lagSeconds: number | null): Check {
  const state = lagSeconds === null
    ? "unknown"
    : lagSeconds > outboxLagMaxSeconds
    ? "degraded"
    : "up";
  return {
    name: "outbox_lag",
    state,
    value: lagSeconds,
    limit: outboxLagMaxSeconds,
    unit: "seconds",
  };
}
