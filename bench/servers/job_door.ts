/**
 * The product's own door, outbox and queue, put together as the product does it, with two jobs that do the least there is:
 * one row each. Its argument is the environment.
 */
import { readConfig } from "../../config.ts";
import { openDeps } from "../../deps.ts";
import type { Sql } from "../../lib/database.ts";
import { createLog } from "../../lib/log.ts";
import { asSystem, type Ctx, inTransaction } from "../../services/ctx.ts";
import { createNudge, enqueueJobs, publishOutbox } from "../../services/jobs/mod.ts";
import { createQstashQueue } from "../../services/jobs/providers/qstash/mod.ts";
import { defineJob } from "../../workers/job.ts";
import { createJobDoor } from "../../workers/receive.ts";
import { answerAsk, askPath, createEffects } from "../jobs/ask.ts";
import * as z from "zod";

const env: Record<string, string> = JSON.parse(Deno.args[0] ?? "{}");
const settings = readConfig((name) => env[name]);
// Written in full, to where nobody reads.
const sink = Deno.openSync("/dev/null", { write: true });
const encoder = new TextEncoder();
const log = createLog({
  level: "info",
  format: "json",
  now: Date.now,
  write: (text) => void sink.writeSync(encoder.encode(`${text}\n`)),
});
const deps = openDeps(settings, { log });
const effects = createEffects();
const frame = { about: "", payload: z.object({}), retries: 3, timeLimitSeconds: 30 };
const insert = (sql: Sql, key: string) => sql`insert into bench_effects (key) values (${key})`;

const jobs = [
  defineJob({
    ...frame,
    kind: "short",
    name: "bench_short",
    async run({ sql, afterCommit }, _payload, { key }) {
      await insert(sql, key);
      afterCommit(() => effects.heard(key));
    },
  }),
  defineJob({
    ...frame,
    kind: "long",
    name: "bench_long",
    run: async (ctx, _payload, { key }) =>
      void await inTransaction(ctx, ({ sql }) => insert(sql, key)),
  }),
];

const { qstashUrl, qstashToken, publicUrl } = settings;
const qstash = createQstashQueue(
  { url: qstashUrl, token: qstashToken, publicUrl },
  (name) => jobs.find((job) => job.name === name),
  fetch,
);
const queue = { ...qstash, nudge: createNudge(() => publishOutbox(context("outbox")), log) };
const door = createJobDoor({
  publicUrl,
  verify: deps.verifyDelivery,
  context,
  atOnceMax: { short: 50, long: 50 },
}, jobs);

function context(requestId: string): Ctx {
  return { ...deps.context(requestId, { address: "", userAgent: "qstash" }), queue };
}

async function askFor(keys: string[]): Promise<void> {
  await inTransaction(
    asSystem(context("ask"), "bench"),
    (tx) => enqueueJobs(tx, keys.map((key) => ({ job: "bench_short", key }))),
  );
}

Deno.serve(
  {
    hostname: "127.0.0.1",
    port: settings.port,
    onListen: ({ port }) => console.log(JSON.stringify({ port })),
  },
  (request) =>
    new URL(request.url).pathname === askPath
      ? answerAsk(request, effects, askFor)
      : door.fetch(request),
);
