/**
 * What each layer of a cached quote costs in the process itself, beside the whole of it. Called without a server: what
 * reading and writing sockets costs is in `quote`. The quietest of many short runs counts, since others share the core.
 */
import { createHash } from "node:crypto";
import { readConfig } from "../config.ts";
import { type Deps, openDeps } from "../deps.ts";
import { startEngines } from "../dev/engines.ts";
import { createLog } from "../lib/log.ts";
import { assemble } from "../main.ts";
import { accessLine } from "../routes/http/access_line.ts";
import type { Exchange } from "../routes/http/env.ts";
import { RequestOrigin } from "../routes/http/origin.ts";
import { findHot, readQuote } from "../routes/hot.ts";
import { verifyAccessToken } from "../services/auth/hot.ts";
import type { Person } from "../services/ctx.ts";
import { getQuote } from "../services/market_data/hot.ts";
import { type Figure, figure } from "./figure.ts";
import type { BenchOptions } from "./mod.ts";

const symbol = "BTC-USD";
const path = `/v1/quotes/${symbol}`;
const token = `${"h".repeat(60)}.${"p".repeat(640)}.${"s".repeat(512)}`;
const settledMs = 1_000;
const callsPerRun = 500;
const pauseMs = 25;
const runsPerRound = 20;

/** Each layer once a round, so that drift hits all alike; the last is the whole chain, to which each is a share. */
export async function* benchLayers({ rounds }: BenchOptions): AsyncGenerator<Figure> {
  const engines = await startEngines({ name: "bench", port: 0, fresh: true, report() {} });
  const deps = openProduct(engines.env);
  try {
    const layers = await layersOf(deps);
    const best = new Map(Object.keys(layers).map((name) => [name, Infinity]));
    for (let run = 0; run < rounds * runsPerRound; run++) {
      // Between the runs the process does what it does by itself, such as asking who has been signed out.
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      for (const [name, call] of Object.entries(layers)) {
        best.set(name, Math.min(best.get(name) ?? Infinity, microsPerCall(call)));
      }
    }
    const whole = best.get("the whole chain") ?? NaN;
    for (const [what, value] of best) {
      const measured = { what, value, other: whole, runs: rounds * runsPerRound };
      yield figure({
        bench: "layers",
        unit: "us/call",
        against: "chain",
        better: "lower",
        ...measured,
      });
    }
  } finally {
    await deps.close();
    await engines.stop();
  }
}

/** The product with a made-up market, and a log that is written in full to nowhere. */
function openProduct(given: Record<string, string>): Deps {
  const env: Record<string, string> = { ...given, LIMIT_READS: "900000000/60" };
  const log = createLog({ level: "info", format: "json", now: Date.now, write: () => {} });
  return openDeps(readConfig((name) => env[name]), { log });
}

async function layersOf(deps: Deps): Promise<Record<string, () => unknown>> {
  const request = new Request(`http://127.0.0.1${path}`, {
    headers: {
      "accept": "application/json",
      "accept-encoding": "gzip",
      "authorization": `Bearer ${token}`,
      "user-agent": "almanac-ios/1.2",
    },
  });
  const { headers } = request;
  const address = findHot("GET", path);
  if (address === undefined) throw new Error(`${path} is no address of the front`);
  const origin = new RequestOrigin(headers, undefined, 0);
  const ctx = { ...deps.context("request-1", origin), actor: reader };
  const exchange: Exchange = {
    ctx,
    address,
    path,
    serveInfo: undefined,
    sealed: false,
    standing: undefined,
  };
  ctx.keys.tokens.accept(token, { person: reader, tokenId: "token" }, Infinity);
  const { body, etag } = await getQuote(ctx, symbol);
  const handle = assemble(deps);
  // The house behind the front is loaded, and who has been signed out is known.
  await handle(request);
  await new Promise((resolve) => setTimeout(resolve, settledMs));
  await handle(request);
  const answered = { method: "GET", path, status: 200, elapsedMs: 0.123, traceId: undefined };
  return {
    "a response of five headers": () => bareAnswer(body, etag),
    "finding the address": () => findHot("GET", path),
    "the context": () => deps.context("request-1", new RequestOrigin(headers, undefined, 0)),
    "the token, seen before": () => verifyAccessToken(ctx, bearerOf(headers)),
    "a digest of the token, which is not made": () => digestOf(bearerOf(headers)),
    "the limit": () => deps.limits.admit("reads", reader, origin),
    "the quote from memory": () => getQuote(ctx, symbol),
    "the read and its response": () => readQuote(exchange, headers, symbol),
    "the histogram": () => address.measured.observe(200, 0.123),
    "the log line": () => ctx.log.line("info", "request", accessLine(exchange, answered)),
    "the whole chain": () => handle(request),
  };
}

const reader: Person = {
  kind: "person",
  userId: "0190b0f0-0000-7000-8000-000000000001",
  sessionId: "0190b0f0-0000-7000-8000-000000000002",
  role: "client",
  permissions: new Set(["quotes:read"]),
  expiresAtMs: Infinity,
};

function bareAnswer(body: string, etag: string): Response {
  return new Response(body, {
    headers: {
      "content-type": "application/json",
      etag,
      "cache-control": "private, max-age=1",
      "x-request-id": "3f2a9c1b7d4e-1x",
      "x-content-type-options": "nosniff",
    },
  });
}

/** What remembering tokens by a digest would add. */
function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function bearerOf(headers: Headers): string {
  return headers.get("authorization")?.slice("Bearer ".length) ?? "";
}

function microsPerCall(call: () => unknown): number {
  if (call() instanceof Promise) {
    throw new Error(`a warm read waits for nothing, and this does: ${call}`);
  }
  const startedMs = performance.now();
  for (let count = 0; count < callsPerRun; count++) call();
  return (performance.now() - startedMs) * 1_000 / callsPerRun;
}
