import { Hono } from "hono";
import * as z from "zod";
import { fail, Failure, isFailure } from "../lib/errors.ts";
import { metrics } from "../lib/metrics.ts";
import { problemResponse } from "../lib/problem.ts";
import { readBytes } from "../lib/read_bytes.ts";
import { secondMs, stopwatch } from "../lib/time.ts";
import { parseTraceparent } from "../lib/trace_context.ts";
import { asSystem, type Ctx } from "../services/ctx.ts";
import {
  type Delivery,
  isReported,
  recordDeadLetter,
  recordFailedRun,
  runLongJob,
  runShortJob,
} from "../services/jobs/mod.ts";
import { giveUp } from "./give_up.ts";
import type { Job } from "./job.ts";
import { comeAgainSeconds } from "./come_again.ts";
import { createTurnstile } from "./turnstile.ts";

/** What the door needs beside the context: how to check QStash's signature, and a context for one delivery. */
export interface DoorDeps {
  publicUrl: string;
  verify(signature: string, body: string, url: string): Promise<boolean>;
  context(requestId: string, signal: AbortSignal): Ctx;
  /** How many deliveries of each kind are worked on at once; more are told to come again. */
  atOnceMax: { short: number; long: number };
}

const bodyMaxBytes = 2_000_000;

const durations = metrics.histogram(
  "almanac_job_duration_seconds",
  "Deliveries to the job door by what came of them.",
  ["job", "outcome"],
  [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
);

/**
 * The one door for QStash: `POST /jobs/:name` runs a job, `POST /jobs/:name/failed` takes what QStash gave up on.
 * 2xx only after the commit, 401 for a foreign signature, 489 for what can never succeed, 429 while another delivery
 * of the same run is at work or the house is full, 5xx for what may succeed later.
 */
export function createJobDoor(deps: DoorDeps, jobs: Job[]): Hono {
  const byName = new Map(jobs.map((job) => [job.name, job]));
  const turnstiles = {
    long: createTurnstile(deps.atOnceMax.long),
    short: createTurnstile(deps.atOnceMax.short),
  };
  const door = new Hono();
  door.post("/jobs/:name", (c) =>
    answer(deps, c.req.raw, async (ctx, body) => {
      const job = byName.get(c.req.param("name")) ??
        fail("poison", { detail: "No job has this name." });
      const work = () => deliver(ctx, job, readMessage(body), c.req.raw.headers);
      return job.always ? await work() : await turnstiles[job.kind](work);
    }));
  door.post("/jobs/:name/failed", (c) =>
    answer(deps, c.req.raw, async (ctx, body) => {
      const name = c.req.param("name");
      const message = readFailure(name, body);
      const system = asSystem(ctx, "record_dead_letter");
      const outcome = await recordDeadLetter(
        system,
        message,
        (tx) => giveUp(tx, byName.get(name), message),
      );
      return { outcome };
    }));
  return door;
}

/** What came of a delivery that has had its line in the log. */
type Outcome = { outcome: string } | { failure: unknown };

/** Checks the signature over the raw body before anything is parsed, and turns the outcome into a status. */
async function answer(
  deps: DoorDeps,
  request: Request,
  work: (ctx: Ctx, body: string) => Promise<Outcome>,
): Promise<Response> {
  const messageId = messageIdOf(request.headers);
  const context = () => deps.context(messageId, new AbortController().signal);
  try {
    const body = decode(await readBytes(request, bodyMaxBytes));
    const { pathname } = new URL(request.url);
    const signature = request.headers.get("upstash-signature") ?? "";
    const genuine = signature !== "" &&
      await deps.verify(signature, body, deps.publicUrl + pathname);
    if (!genuine) fail("invalid_signature");
    const done = await work(context(), body);
    if ("failure" in done) return refusal(done.failure, messageId, request.headers);
    return Response.json(done, { headers: { "x-request-id": messageId } });
  } catch (error) {
    const response = refusal(error, messageId, request.headers);
    if (response.status >= 500) context().log.error("job door", { error, messageId });
    return response;
  }
}

function refusal(error: unknown, messageId: string, headers: Headers): Response {
  const response = problemResponse(error, messageId);
  if (response.status === 489) response.headers.set("upstash-nonretryable-error", "true");
  // Somebody's lease says when to come again; of outages and crowds nobody knows.
  const unknown = response.status === 503 || isFailure(error, "overloaded");
  if (unknown) {
    response.headers.set("retry-after", String(comeAgainSeconds(retriedOf(headers), messageId)));
  }
  return response;
}

/** Runs one delivery under the job's time limit, and writes the one line that tells all of it. */
async function deliver(base: Ctx, job: Job, message: Message, headers: Headers): Promise<Outcome> {
  const retried = retriedOf(headers);
  const delivery: Delivery = {
    job: job.name,
    key: message.key,
    version: message.version ?? Math.floor(base.now() / 60_000),
    messageId: messageIdOf(headers),
    retried,
    last: retried >= job.retries && !isReported(job),
  };
  const ctx = contextFor(base, job, message, delivery);
  const elapsedMs = stopwatch();
  const done = await run(ctx, job, message.payload, delivery).then(
    (outcome) => ({ outcome }),
    (failure: unknown) => ({ failure }),
  );
  const told = { attempt: delivery.retried + 1, elapsedMs: Math.round(elapsedMs() * 10) / 10 };
  const outcome = "outcome" in done ? done.outcome : outcomeOf(done.failure);
  durations(job.name, outcome).observe(told.elapsedMs / secondMs);
  if ("outcome" in done) {
    ctx.log.info("job", { ...told, outcome });
    return done;
  }
  const { failure } = done;
  ctx.log[levelOf(outcome, failure)]("job", { ...told, outcome, error: failure });
  // What trying again cannot mend must not come again: 489 sends it straight to the dead letters.
  const isHopeless = isFailure(failure) && !failure.retry;
  return { failure: isHopeless ? new Failure("poison", { detail: failure.message }) : failure };
}

/** The context of a run: the system's, in the name of the request that it goes back to. */
function contextFor(base: Ctx, job: Job, message: Message, delivery: Delivery): Ctx {
  const requestId = message.requestId ?? base.requestId;
  const trace = parseTraceparent(message.traceparent ?? null);
  const { key, version, messageId } = delivery;
  const log = base.log.with({
    job: job.name,
    key,
    version,
    messageId,
    requestId,
    ...(trace ? { traceId: trace.traceId } : {}),
  });
  const signal = AbortSignal.timeout(job.timeLimitSeconds * secondMs);
  return asSystem({ ...base, requestId, origin: { ...base.origin, trace }, signal, log }, job.name);
}

function outcomeOf(failure: unknown): string {
  if (isFailure(failure, "busy")) return "busy";
  return isFailure(failure) && !failure.retry ? "poison" : "failed";
}

/** That another delivery is at it is the usual thing; an error that is not in the catalogue is a bug. */
function levelOf(outcome: string, failure: unknown): "info" | "warn" | "error" {
  if (outcome === "busy") return "info";
  return isFailure(failure) && failure.code !== "internal" ? "warn" : "error";
}

async function run(ctx: Ctx, job: Job, given: unknown, delivery: Delivery): Promise<string> {
  const { success, data: payload } = job.payload.safeParse(given);
  if (!success) {
    const unfit = new Failure("poison", { detail: "The payload does not fit this job." });
    await recordFailedRun(ctx, delivery, unfit);
    throw unfit;
  }
  if (job.kind === "short") {
    return runShortJob(ctx, delivery, (tx) => job.run(tx, payload, delivery));
  }
  return runLongJob(
    ctx,
    delivery,
    job.timeLimitSeconds * 1_000,
    (held, tell) => job.run(held, payload, delivery, tell),
  );
}

function retriedOf(headers: Headers): number {
  return Number(headers.get("upstash-retried") ?? 0) || 0;
}

/** Stands in log lines and in the answer, also before it is known who sent it. */
function messageIdOf(headers: Headers): string {
  const given = headers.get("upstash-message-id") ?? "";
  return /^[A-Za-z0-9_-]{1,100}$/.test(given) ? given : "unknown";
}

const Message = z.object({
  key: z.string().regex(/^[A-Za-z0-9_-]{1,100}$/),
  version: z.int().optional(),
  round: z.int().min(0).optional(),
  requestId: z.string().regex(/^[A-Za-z0-9._-]{1,100}$/).optional(),
  traceparent: z.string().optional(),
  payload: z.record(z.string(), z.unknown()).default({}),
});
type Message = z.infer<typeof Message>;

function readMessage(body: string): Message {
  const read = Message.safeParse(parseJson(body));
  return read.success ? read.data : fail("poison", { detail: "The message is not one of ours." });
}

/** QStash's failure callback: the last answer, and the message it could not deliver, both in base64. */
const FailureCallback = z.object({
  status: z.number().nullish(),
  body: z.string().nullish(),
  retried: z.number().default(0),
  sourceBody: z.string(),
});

function readFailure(job: string, body: string) {
  const read = FailureCallback.safeParse(parseJson(body));
  if (!read.success) return fail("poison", { detail: "This is not a failure callback." });
  const { key, version, payload, round } = readMessage(fromBase64(read.data.sourceBody));
  // A gateway's page may hold what no text in Postgres can.
  const reason = fromBase64(read.data.body ?? "").replaceAll("\0", "").slice(0, 2_000) ||
    "no answer";
  return {
    job,
    key,
    version: version ?? 0,
    payload,
    round: round ?? 0,
    reason,
    status: read.data.status ?? null,
    attempts: read.data.retried + 1,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function fromBase64(text: string): string {
  try {
    return new TextDecoder().decode(Uint8Array.from(atob(text), (char) => char.charCodeAt(0)));
  } catch {
    return "";
  }
}

/** What is not UTF-8 is not what QStash has signed. */
function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    return fail("invalid_signature", { cause });
  }
}
