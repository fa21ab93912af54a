/** An app of its own for the fuzzer: the whole product over stand-ins, with limits that nobody reaches. */
import { readConfig, settings } from "../../config.ts";
import { openDeps } from "../../deps.ts";
import { createLog } from "../../lib/log.ts";
import { assemble } from "../../main.ts";
import { testAppSecret } from "../../tests/support/signing_keys.ts";
import { jobs } from "../../workers/mod.ts";
import { environmentFor, startStandIns } from "../stand_ins.ts";
import { type ApiDocument, readDocument } from "./document.ts";

export interface FuzzApp extends AsyncDisposable {
  url: string;
  api: ApiDocument;
  /** What the app logged as an error. */
  logged: string[];
  promote(email: string): Promise<void>;
}

/** Serves the app on a port of its own, over a database that has been migrated and that nobody else uses. */
export async function startFuzzApp(databaseUrl: string): Promise<FuzzApp> {
  let handle: ReturnType<typeof assemble> = () => new Response(null, { status: 503 });
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    (request, info) => isLongJob(request) ? new Response() : handle(request, info),
  );
  const { port } = server.addr;
  const url = `http://127.0.0.1:${port}`;
  const standIns = await startStandIns({ appUrl: url });
  const appSecret = testAppSecret;
  const env: Record<string, string> = {
    ...environmentFor({ standIns, databaseUrl, appUrl: url, port, appSecret }),
    ...generousLimits(),
    DATABASE_POOL_MAX: "5",
    DATABASE_DEADLINE_MS: "10000",
    REDIS_DEADLINE_MS: "2000",
  };
  const logged: string[] = [];
  const write = (text: string) => void logged.push(text);
  const log = createLog({ level: "error", format: "json", now: Date.now, write });
  const deps = openDeps(readConfig((name) => env[name]), { log });
  handle = assemble(deps);
  const { default: postgres } = await import("postgres");
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} });
  return {
    url,
    logged,
    api: readDocument(await (await fetch(`${url}/openapi.json`)).json()),
    promote: async (email) =>
      void await sql`update users set role = 'admin' where email = ${email}`,
    async [Symbol.asyncDispose]() {
      await standIns.qstash.stop();
      deps.leave();
      await server.shutdown();
      await deps.close();
      await standIns.stop();
      await sql.end({ timeout: 1 });
    },
  };
}

const longJobs = new Set(jobs.filter(({ kind }) => kind === "long").map(({ name }) => name));

/** What computes for minutes is taken and left undone: it is the API that is asked here. */
function isLongJob({ url }: Request): boolean {
  const name = /\/jobs\/(\w+)$/.exec(new URL(url).pathname)?.[1];
  return name !== undefined && longJobs.has(name);
}

function generousLimits(): Record<string, string> {
  const limits = Object.values(settings).filter(({ name }) => name.startsWith("LIMIT_"));
  return Object.fromEntries(limits.map(({ name }) => [name, "1000000/60"]));
}
