/** Processor time per request of several servers that answer the same question. */
import { applyLoad } from "./load.ts";
import { measureQuietly } from "./quiet.ts";
import { interleave } from "./rounds.ts";
import { cpuMicros, type RunningServer } from "./servers.ts";
import { ask, type HttpRequest } from "./wire.ts";

/** One server in one round. */
export interface HttpRound {
  cpuMicrosPerRequest: number;
  cpuSeconds: number;
  requestsPerSecond: number;
  /** Share of one core that the server used: near 1, the server and not the load was the limit. */
  busy: number;
}

export interface HttpVariant extends Omit<HttpRequest, "port"> {
  server: RunningServer;
  /** Every round begins and ends with a look at this, so that a refusal is never measured as a fast answer. */
  status: number;
}

/** Measures every variant once a round, for `seconds` each. All servers are alive all the time. */
export function measureHttp(
  variants: Record<string, HttpVariant>,
  { rounds, seconds }: { rounds: number; seconds: number },
): Promise<Record<string, HttpRound[]>> {
  const measurements = Object.entries(variants).map(([name, variant]) =>
    [
      name,
      () => measureQuietly(() => measure(variant, seconds), ({ cpuSeconds }) => cpuSeconds),
    ] as const
  );
  return interleave(Object.fromEntries(measurements), rounds);
}

async function measure(variant: HttpVariant, seconds: number): Promise<HttpRound> {
  const { server, status, ...asked } = variant;
  const request: HttpRequest = { ...asked, port: server.hello.port };
  await expectStatus(request, status);
  const cpuBefore = cpuMicros(server.pid);
  const { requests, perSecond, refused } = await applyLoad({ ...request, seconds });
  const cpu = cpuMicros(server.pid) - cpuBefore;
  await expectStatus(request, status);
  if (refused > 0) {
    throw new Error(`${refused} of ${requests} requests to ${request.path} were refused`);
  }
  return {
    cpuMicrosPerRequest: cpu / requests,
    cpuSeconds: cpu / 1_000_000,
    requestsPerSecond: perSecond,
    busy: cpu * perSecond / requests / 1_000_000,
  };
}

async function expectStatus(request: HttpRequest, status: number): Promise<void> {
  const answer = await ask(request);
  if (answer.status === status) return;
  throw new Error(`${request.path} answered ${answer.status} where ${status} is measured`);
}
