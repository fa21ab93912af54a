/** People, plans and simulations for tests, and a way to work on a simulation's chunks by hand. */
import assert from "node:assert/strict";
import { asSystem, type Ctx } from "../../../services/ctx.ts";
import { startSimulation } from "../../../services/plans/mod.ts";
import type { Simulation } from "../../../services/plans/schema.ts";
import type { SignedUp, TestApp } from "../../support/app.ts";
import { pollUntil } from "../../support/poll.ts";
import { examplePlan } from "./example_plan.ts";

export interface Answer {
  status: number;
  etag: string;
  // deno-lint-ignore no-explicit-any -- A test looks into answers of every shape.
  body: any;
}

/** Sends a request as `person` and reads the answer. */
export async function call(
  app: TestApp,
  { token }: Pick<SignedUp, "token">,
  method: string,
  path: string,
  json?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await app.request(path, { method, token, json, headers });
  const text = await response.text();
  return {
    status: response.status,
    etag: response.headers.get("etag") ?? "",
    body: text === "" ? null : JSON.parse(text),
  };
}

/** Makes the example plan, changed by `change`, and answers its id. */
export async function makePlan(
  app: TestApp,
  person: SignedUp,
  change: Record<string, unknown> = {},
): Promise<string> {
  const { status, body } = await call(app, person, "POST", "/v1/plans", {
    ...examplePlan,
    ...change,
  });
  assert.equal(status, 201, JSON.stringify(body));
  return body.id;
}

/** What workers run with, past the queue: an outbox row that is asked for stays where it is. */
export function workerCtx(app: TestApp): Ctx {
  return asSystem(quietCtx(app), "run_simulation_chunk");
}

/** Starts a simulation without telling the queue, so that a test can run its chunks as it likes. */
export async function startQuietly(
  app: TestApp,
  { userId }: SignedUp,
  planId: string,
  input: { paths?: number; seed?: number },
): Promise<Simulation> {
  const permissions = new Set(["simulations:run", "plans:read"]);
  const actor = {
    kind: "person" as const,
    userId,
    sessionId: userId,
    role: "client",
    permissions,
    expiresAtMs: Infinity,
  };
  const simulation = await startSimulation({ ...quietCtx(app), actor }, planId, input);
  await forgetJobs(app);
  return simulation;
}

/** Takes away what waits to be published, so that nothing runs but what the test runs. */
export async function forgetJobs(app: TestApp): Promise<string[]> {
  const rows = await app.inspect.sql<{ job: string }[]>`
    delete from outbox where published_at is null returning job`;
  return rows.map(({ job }) => job);
}

export async function untilEnded(app: TestApp, person: SignedUp, id: string): Promise<Simulation> {
  let latest: Simulation | undefined;
  await pollUntil("the simulation to end", async () => {
    latest = (await call(app, person, "GET", `/v1/simulations/${id}`)).body as Simulation;
    return latest.status !== "queued" && latest.status !== "running";
  }, 60_000);
  return latest as Simulation;
}

function quietCtx(app: TestApp): Ctx {
  const ctx = app.deps.context("test", { address: "", userAgent: "" });
  return { ...ctx, queue: { ...ctx.queue, nudge() {} } };
}
