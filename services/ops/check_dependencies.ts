import { stopwatch } from "../../lib/time.ts";
import { inTransaction, type Needs } from "../ctx.ts";
import type { Dependency, Readiness } from "./schema.ts";
import { selectOne } from "./store.ts";

type CheckNeeds = Needs<"actor" | "database" | "log" | "memory" | "redis">;

const keepMs = 1_000;

/** Asks each dependency, at most once a second however many ask. Without Redis we are degraded, not down. */
export async function checkDependencies(ctx: CheckNeeds): Promise<Readiness> {
  const kept = ctx.memory.get<Readiness>("readiness");
  if (kept) return kept;
  const readiness = await ctx.memory.once("readiness", () => ask(ctx));
  ctx.memory.set("readiness", readiness, keepMs);
  return readiness;
}

async function ask(ctx: CheckNeeds): Promise<Readiness> {
  // As nobody: the system's transactions may take ten times as long, and whoever asks wants to know now.
  const nobody = { ...ctx, actor: { kind: "anonymous" } as const };
  const [postgres, redis] = await Promise.all([
    probe("postgres", () => inTransaction(nobody, ({ sql }) => selectOne(sql))),
    probe("redis", () => ctx.redis.call((client) => client.ping())),
  ]);
  const state = postgres.state === "down" ? "down" : redis.state === "down" ? "degraded" : "ready";
  return { state, dependencies: [postgres, redis] };
}

async function probe(name: string, call: () => Promise<unknown>): Promise<Dependency> {
  const elapsedMs = stopwatch();
  const state = await call().then(() => "up" as const, () => "down" as const);
  return { name, state, latencyMs: Math.round(elapsedMs() * 10) / 10 };
}
