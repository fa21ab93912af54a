/**
 * B1 of a job: what anybody must do whom QStash wakes for one row. The signature is verified by the SDK, the row is
 * inserted in one transaction through the same database layer; whatever is delivered twice is done twice. Its argument is
 * the environment. Asked for jobs, it hands them straight to the queue.
 */
import { Client, Receiver } from "@upstash/qstash";
import { readConfig } from "../../config.ts";
import { openDatabase } from "../../lib/database.ts";
import { createLog } from "../../lib/log.ts";
import { answerAsk, askPath, createEffects } from "../jobs/ask.ts";

const batchMax = 100;
const env: Record<string, string> = JSON.parse(Deno.args[0] ?? "{}");
const settings = readConfig((name) => env[name]);
const database = openDatabase({
  url: settings.databaseUrl.reveal(),
  poolMax: settings.databasePoolMax,
  prepare: settings.databasePrepare,
  deadlineMs: settings.databaseDeadlineMs,
  systemDeadlineMs: settings.databaseDeadlineMs,
  log: createLog({ level: "error", format: "text", now: Date.now }),
});
const receiver = new Receiver({
  currentSigningKey: settings.qstashCurrentSigningKey.reveal(),
  nextSigningKey: settings.qstashNextSigningKey.reveal(),
  devMode: false,
});
const client = new Client({
  baseUrl: settings.qstashUrl,
  token: settings.qstashToken.reveal(),
  devMode: false,
});
const effects = createEffects();
const system = { role: "almanac_system", userId: "", staff: false } as const;

async function receive(request: Request): Promise<Response> {
  const body = await request.text();
  const signature = request.headers.get("upstash-signature") ?? "";
  const url = settings.publicUrl + new URL(request.url).pathname;
  const genuine = await receiver.verify({ signature, body, url }).catch(() => false);
  if (!genuine) return new Response(null, { status: 401 });
  const { key } = JSON.parse(body);
  await database.transaction(
    system,
    (sql) => sql`insert into bench_effects (key) values (${key})`,
  );
  effects.heard(key);
  return Response.json({ outcome: "done" });
}

async function askFor(keys: string[]): Promise<void> {
  for (let from = 0; from < keys.length; from += batchMax) {
    await client.batch(
      keys.slice(from, from + batchMax).map((key) => ({
        url: `${settings.publicUrl}/jobs/bench_short`,
        body: JSON.stringify({ key, version: 1, payload: {} }),
        headers: { "content-type": "application/json" },
      })),
    );
  }
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
      : receive(request),
);
