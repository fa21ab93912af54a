/** Deliveries as QStash makes them, each another one, signed beforehand; run as a program on the load's own core. */
import { createSigningKeys } from "../../dev/qstash/sign.ts";
import { root } from "../../dev/source/tree.ts";
import { loadCore, pinned } from "../servers.ts";
import { readAnswer, requestBytes, statusIn, writeAll } from "../wire.ts";

export interface Deliveries {
  port: number;
  job: string;
  count: number;
  /** As many under way at any moment. */
  atOnce: number;
  currentKey: string;
}

export interface DeliveryTimes {
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
}

/** Delivers all of them as fast as they are taken. Throws where one is not answered with 200. */
export async function deliverAll(deliveries: Deliveries): Promise<DeliveryTimes> {
  const args = ["run", "-A", "--quiet", "bench/jobs/deliver.ts", JSON.stringify(deliveries)];
  const [program = "", ...rest] = pinned(loadCore, [Deno.execPath(), ...args]);
  const { success, stdout, stderr } = await new Deno.Command(program, { args: rest, cwd: root })
    .output();
  if (!success) throw new Error(`no deliveries: ${new TextDecoder().decode(stderr)}`);
  return JSON.parse(new TextDecoder().decode(stdout));
}

async function drive({ port, job, count, atOnce, currentKey }: Deliveries): Promise<DeliveryTimes> {
  const keys = createSigningKeys(currentKey);
  const path = `/jobs/${job}`;
  const requests = Array.from({ length: count }, () => {
    const body = JSON.stringify({ key: crypto.randomUUID(), version: 1, payload: {} });
    const url = `http://127.0.0.1:${port}${path}`;
    const headers = {
      "content-type": "application/json",
      "upstash-signature": keys.sign(url, new TextEncoder().encode(body), Date.now()),
      "upstash-message-id": `msg_${crypto.randomUUID()}`,
      "upstash-retried": "0",
    };
    return requestBytes({ port, path, headers, method: "POST", body });
  });
  const times: number[] = [];
  const rest = requests.values();
  const startedMs = performance.now();
  await Promise.all(Array.from({ length: atOnce }, async () => {
    using connection = await Deno.connect({ hostname: "127.0.0.1", port });
    connection.setNoDelay();
    const buffer = new Uint8Array(1 << 16);
    for (const request of rest) {
      const sentMs = performance.now();
      await writeAll(connection, request);
      await readAnswer(connection, buffer);
      if (statusIn(buffer) !== 200) throw new Error(`answered with ${statusIn(buffer)}`);
      times.push(performance.now() - sentMs);
    }
  }));
  const seconds = (performance.now() - startedMs) / 1_000;
  return { perSecond: count / seconds, p50Ms: quantile(times, 0.5), p99Ms: quantile(times, 0.99) };
}

/** The smallest of the values that as large a share of them does not exceed. */
export function quantile(values: number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? NaN;
}

if (import.meta.main) {
  console.log(JSON.stringify(await drive(JSON.parse(Deno.args[0] ?? "{}"))));
}
