/** What a cached quote costs the server through the whole chain, beside the least that any server would spend. */
import { type Figure, figure } from "./figure.ts";
import { type HttpRound, type HttpVariant, measureHttp } from "./http.ts";
import type { BenchOptions } from "./mod.ts";
import { lowerQuartile, median } from "./rounds.ts";
import { type RunningServer, startServer } from "./servers.ts";
import { ask, type HttpAnswer } from "./wire.ts";

/** What a phone sends beside its token. */
const phone = {
  "accept": "application/json",
  "accept-encoding": "gzip",
  "user-agent": "almanac-ios/1.2",
};

/** Headers that the server adds by itself, or that say where an answer ends. */
const addedByServer = new Set(["date", "content-length", "connection"]);

/** The product against B1 and B0 on a fresh answer, and against B1 where nothing has changed. */
export async function* benchQuote(options: BenchOptions): AsyncGenerator<Figure> {
  await using servers = new AsyncDisposableStack();
  const start = async (program: string, ...args: string[]) =>
    servers.adopt(await startServer(program, ...args), ({ stop }) => stop());

  const product = await start("bench/servers/product.ts");
  const { authorization = "", path = "/" } = product.hello;
  const headers = { ...phone, authorization };
  const fresh = await record(product, path, headers, 200);
  const etag = new Map(fresh.headers).get("etag") ?? "";
  const unchanged = { ...headers, "if-none-match": etag };
  const notModified = await record(product, path, unchanged, 304);

  const b0 = await start("bench/peers/b0.ts", fresh.body);
  const b1 = await start("bench/peers/b1.ts", JSON.stringify({ path, fresh, notModified }));
  assertSameBytes(fresh, await record(b1, path, headers, 200));
  assertSameBytes(notModified, await record(b1, path, unchanged, 304));

  yield* freshFigures(
    await measureHttp(variants({ product, b1, b0 }, path, headers, 200), options),
  );
  yield* notModifiedFigures(
    await measureHttp(variants({ product, b1 }, path, unchanged, 304), options),
  );
}

async function record(
  { hello }: RunningServer,
  path: string,
  headers: Record<string, string>,
  status: number,
): Promise<HttpAnswer> {
  const answer = await ask({ port: hello.port, path, headers });
  if (answer.status !== status) throw new Error(`${path} answered ${answer.status}, not ${status}`);
  return { ...answer, headers: answer.headers.filter(([name]) => !addedByServer.has(name)) };
}

/** A peer that sent less than the product would be no peer. */
function assertSameBytes(ours: HttpAnswer, theirs: HttpAnswer): void {
  const shape = ({ headers, body }: HttpAnswer) =>
    JSON.stringify([headers.map(([name, value]) => [name, value.length]).sort(), body]);
  if (shape(ours) !== shape(theirs)) {
    throw new Error(`B1 sends ${shape(theirs)}, we ${shape(ours)}`);
  }
}

function variants(
  servers: Record<string, RunningServer>,
  path: string,
  headers: Record<string, string>,
  status: number,
): Record<string, HttpVariant> {
  return Object.fromEntries(
    Object.entries(servers).map(([name, server]) => [name, { server, path, headers, status }]),
  );
}

function* freshFigures({ product = [], b1 = [], b0 = [] }: Record<string, HttpRound[]>) {
  const runs = product.length;
  const what = "cached read, whole chain";
  yield cpuFigure({ what, against: "B1", value: cpuOf(product), other: cpuOf(b1), runs });
  yield cpuFigure({ what, against: "B0", value: cpuOf(product), other: cpuOf(b0), runs });
  yield figure({
    bench: "quote",
    what: `cached read, throughput${limitedBy(product, b1)}`,
    value: median(product.map(({ requestsPerSecond }) => requestsPerSecond)),
    unit: "requests/s",
    against: "B1",
    other: median(b1.map(({ requestsPerSecond }) => requestsPerSecond)),
    better: "higher",
    runs,
  });
}

function* notModifiedFigures({ product = [], b1 = [] }: Record<string, HttpRound[]>) {
  yield cpuFigure({
    what: "not modified, whole chain",
    against: "B1",
    value: cpuOf(product),
    other: cpuOf(b1),
    runs: product.length,
  });
}

function cpuFigure(
  measured: Pick<Figure, "what" | "against" | "value" | "other" | "runs">,
): Figure {
  return figure({ bench: "quote", unit: "us cpu/request", better: "lower", ...measured });
}

function cpuOf(rounds: HttpRound[]): number {
  return lowerQuartile(rounds.map(({ cpuMicrosPerRequest }) => cpuMicrosPerRequest));
}

/** Throughput tells servers apart only while they are the limit, which the load client may prevent. */
function limitedBy(...servers: HttpRound[][]): string {
  const waited = servers.some((rounds) => median(rounds.map(({ busy }) => busy)) < 0.9);
  return waited ? " (the load client was the limit)" : "";
}
