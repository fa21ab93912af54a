import { Hono } from "hono";
import * as z from "zod";
import { fail, Failure, isFailure } from "../lib/errors.ts";
import { problemResponse } from "../lib/problem.ts";
import { readBytes } from "../lib/read_bytes.ts";
import { stopwatch } from "../lib/time.ts";
import { asSystem, type Ctx } from "../services/ctx.ts";
import {
  type Delivery,
  recordDeadLetter,
  recordFailedRun,
  runLongJob,
  runShortJob,
} from "../services/jobs/mod.ts";
import type { Job } from "./job.ts";

/** What the door needs beside the context: how to check QStash's signature, and a context for one delivery. */
export interface DoorDeps {
  publicUrl: string;
  verify(signature: string, body: string, url: string): Promise<boolean>;
  context(requestId: string, signal: AbortSignal): Ctx;
}

const bodyMaxBytes = 2_000_000;

/**
 * The one door for QStash: `POST /jobs/:name` runs a job, `POST /jobs/:name/failed` takes what QStash gave up on.
 * 2xx only after the commit, 401 for a foreign signature, 489 for what can never succeed, 429 while another delivery
 * of the same run is at work, 5xx for what may succeed later.
 */
export function createJobDoor(deps: DoorDeps, jobs: Job[]): Hono {
  const byName = new Map(jobs.map((job) => [job.name, job]));
  const door = new Hono();
  door.post("/jobs/:name", (c) =>
    answer(deps, c.req.raw, (ctx, body) => {
      const job = byName.get(c.req.param("name")) ??
        fail("poison", { detail: "No job has this name." });
      return deliver(ctx, job, readMessage(body), c.req.raw.headers);
    }));
  door.post("/jobs/:name/failed", (c) =>
    answer(deps, c.req.raw, async (ctx, body) => {
      const job = c.req.param("name");
      await recordDeadLetter(asSystem(ctx, "record_dead_letter"), readFailure(job, body));
      return "recorded";
    }));
  return door;
}

/** Checks the signature over the raw body before anything is parsed, and turns the outcome into a status. */
async function answer(
  deps: DoorDeps,
  request: Request,
  work: (ctx: Ctx, body: string) => Promise<string>,
): Promise<Response> {
  const messageId = messageIdOf(request.headers);
  try {
    const body = decode(await readBytes(request, bodyMaxBytes));
    const { pathname } = new URL(request.url);
    const signature = request.headers.get("upstash-signature") ?? "";
    const genuine = signature !== "" &&
      await deps.verify(signature, body, deps.publicUrl + pathname);
    if (!genuine) fail("invalid_signature");
    const outcome = await work(deps.context(messageId, new AbortController().signal), body);
    return Response.json({ outcome }, { headers: { "x-request-id": messageId } });
  } catch (error) {
    return refusal(deps, error, messageId);
  }
}

function refusal(deps: DoorDeps, error: unknown, messageId: string): Response {
  const response = problemResponse(error, messageId);
  if (response.status === 489) response.headers.set("upstash-nonretryable-error", "true");
  if (response.status >= 500) {
    deps.context(messageId, new AbortController().signal).log.error("job door", { error });
  }
  return response;
}

/** Runs one delivery under the job's time limit and notes a failed try. */
async function deliver(base: Ctx, job: Job, message: Message, headers: Headers): Promise<string> {
  const delivery: Delivery = {
    job: job.name,
    key: message.key,
    version: message.version ?? Math.floor(base.now() / 60_000),
    messageId: messageIdOf(headers),
    retried: Number(headers.get("upstash-retried") ?? 0) || 0,
  };
  const ctx = asSystem(
    {
      ...base,
      signal: AbortSignal.timeout(job.timeLimitSeconds * 1_000),
      log: base.log.with({ job: job.name, key: delivery.key, version: delivery.version }),
    },
    job.name,
  );
  const elapsedMs = stopwatch();
  try {
    const outcome = await run(ctx, job, message.payload, delivery);
    ctx.log.info("job", { outcome, retried: delivery.retried, elapsedMs: Math.round(elapsedMs()) });
    return outcome;
  } catch (error) {
    ctx.log.warn("job", { outcome: "failed", error, elapsedMs: Math.round(elapsedMs()) });
    // What trying again cannot mend must not come again: 489 sends it straight to the dead letters.
    if (isFailure(error) && !error.retry) throw new Failure("poison", { detail: error.message });
    throw error;
  }
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
    (held) => job.run(held, payload, delivery),
  );
}

/** Stands in log lines and in the answer, also before it is known who sent it. */
function messageIdOf(headers: Headers): string {
  const given = headers.get("upstash-message-id") ?? "";
  return /^[A-Za-z0-9_-]{1,100}$/.test(given) ? given : "unknown";
}

const Message = z.object({
  key: z.string().regex(/^[A-Za-z0-9_-]{1,100}$/),
  version: z.int().optional(),
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
  const { key, version, payload } = readMessage(fromBase64(read.data.sourceBody));
  const reason = fromBase64(read.data.body ?? "").slice(0, 2_000) || "no answer";
  return {
    job,
    key,
    version: version ?? 0,
    payload,
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
