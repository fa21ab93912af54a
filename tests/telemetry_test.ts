/** The server as a process of its own, with Deno's OpenTelemetry on, against a collector that takes what it is given. */
import assert from "node:assert/strict";
import { environmentFor, startStandIns } from "../dev/stand_ins.ts";
import { openTelemetry } from "../lib/telemetry.ts";
import { cloneDatabase } from "./support/database.ts";
import { pollUntil } from "./support/poll.ts";
import { testAppSecret } from "./support/signing_keys.ts";

const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
const traceparent = `00-${traceId}-00f067aa0ba902b7-01`;

/** OTLP as JSON, as far as we look at it. */
interface Span {
  traceId: string;
  name: string;
  /** 2 is a server's. */
  kind: number;
  attributes: { key: string; value: { stringValue?: string; intValue?: unknown } }[];
  status?: { code?: number };
}

interface Collector extends AsyncDisposable {
  url: string;
  spans: Span[];
}

function startCollector(): Collector {
  const spans: Span[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const body = await request.json();
    for (const { scopeSpans } of body.resourceSpans ?? []) {
      for (const scope of scopeSpans) spans.push(...scope.spans);
    }
    return Response.json({});
  });
  const url = `http://127.0.0.1:${server.addr.port}`;
  return { url, spans, [Symbol.asyncDispose]: () => server.shutdown() };
}

interface Observed {
  url: string;
  spans: Span[];
  /** Whether a line of the log fits. */
  hasLine(fits: (line: Record<string, unknown>) => boolean): boolean;
  /** Takes the engines away. */
  breakDown(): Promise<void>;
}

async function withObserved(work: (observed: Observed) => Promise<void>): Promise<void> {
  const database = await cloneDatabase();
  const appUrl = "https://api.example.com";
  const standIns = await startStandIns({ appUrl });
  await using collector = startCollector();
  const given = { standIns, databaseUrl: database.url, appUrl, port: 0 };
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "-P=server", "--quiet", "--no-prompt", "main.ts"],
    env: {
      ...environmentFor({ ...given, appSecret: testAppSecret }),
      LOG_FORMAT: "json",
      OTEL_DENO: "true",
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_BSP_SCHEDULE_DELAY: "100",
    },
    stdout: "piped",
    stderr: "null",
  }).spawn();
  let said = "";
  const reading = process.stdout.pipeThrough(new TextDecoderStream()).pipeTo(
    new WritableStream({ write: (text) => void (said += text) }),
  );
  const urlOf = () => /"message":"listening","url":"([^"]+)"/.exec(said)?.[1];
  const lines = () => said.split("\n").filter((line) => /^\{.*\}$/.test(line));
  try {
    await until("the server to listen", () => urlOf() !== undefined);
    await work({
      url: urlOf() ?? "",
      spans: collector.spans,
      hasLine: (fits) => lines().some((line) => fits(JSON.parse(line))),
      async breakDown() {
        standIns.redis.setFault({ kind: "refuse" });
        await database.drop();
      },
    });
  } finally {
    process.kill("SIGTERM");
    await process.status;
    await reading;
    await standIns.stop();
    await database.drop().catch(() => {});
  }
}

Deno.test("with OTEL_DENO a server span names its route and the caller's trace, and so does the line in the log", async () => {
  await withObserved(async ({ url, spans, hasLine }) => {
    await pollUntil("a span with its route", async () => {
      await ask(`${url}/v1/plans/1`, { traceparent });
      return spans.some((span) => attribute(span, "http.route") === "/v1/plans/:id");
    });
    const span = spans.find((span) => attribute(span, "http.route") !== undefined);
    assert.deepEqual([span?.traceId, span?.kind, span?.name], [traceId, 2, "GET /v1/plans/:id"]);
    // What a caller did wrong is no error of the server's.
    assert.notEqual(span?.status?.code, 2);
    await until(
      "the caller's trace in a line",
      () => hasLine((line) => line.path === "/v1/plans/1" && line.traceId === traceId),
    );
    // Where the caller has begun no trace, it is the span's own.
    await ask(`${url}/healthz`);
    await until(
      "a trace of our own in a line",
      () =>
        hasLine((line) =>
          line.path === "/healthz" && /^[0-9a-f]{32}$/.test(String(line.traceId)) &&
          line.traceId !== traceId
        ),
    );
  });
});

Deno.test("with OTEL_DENO the span of an answer that is our fault is an error", async () => {
  await withObserved(async ({ url, spans, breakDown }) => {
    await breakDown();
    await pollUntil("a span of a failure", async () => {
      await ask(`${url}/readyz`);
      return spans.some((span) =>
        attribute(span, "http.route") === "/readyz" && span.status?.code === 2 &&
        attribute(span, "error.type") === "503"
      );
    });
  });
});

Deno.test("without OTEL_DENO there is no span to speak to, and the package for it is not asked for", async () => {
  assert.equal(openTelemetry(), undefined);
  // Where no package may be loaded, asking for one would fail: with the same program and OTEL_DENO it does.
  const ends = async (otel: Record<string, string>) => {
    const { success } = await new Deno.Command(Deno.execPath(), {
      args: [
        "eval",
        "--no-npm",
        'import { openTelemetry } from "./lib/telemetry.ts"; openTelemetry();',
      ],
      env: otel,
      stdout: "null",
      stderr: "null",
    }).output();
    return success;
  };
  assert.equal(await ends({}), true);
  assert.equal(
    await ends({ OTEL_DENO: "true", OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9" }),
    false,
  );
});

async function ask(url: string, headers: Record<string, string> = {}): Promise<void> {
  await (await fetch(url, { headers })).body?.cancel();
}

async function until(what: string, isSo: () => boolean): Promise<void> {
  await pollUntil(what, () => Promise.resolve(isSo()));
}

function attribute(span: Span, key: string): string | undefined {
  return span.attributes.find((one) => one.key === key)?.value.stringValue;
}
