import { type MetricFamily, renderExposition, type Sample } from "../../lib/exposition.ts";
import { metrics } from "../../lib/metrics.ts";
import { pause, secondMs } from "../../lib/time.ts";
import { asSystem, type Needs } from "../ctx.ts";
import { measureQueue, type QueueFigures } from "../jobs/mod.ts";
import { version } from "./version.ts";

type MetricsNeeds = Needs<"actor" | "database" | "log" | "memory" | "now">;

const keepMs = 2 * secondMs;
// A scraper waits ten seconds as a rule; what Postgres cannot say in two is left out.
const deadlineMs = 2 * secondMs;

/**
 * What this process has measured, and what Postgres says about queues, as Prometheus reads it. Where Postgres is away
 * those are left out, which `almanac_scrape_errors` says: a gauge that is missing is not one that is zero.
 */
export async function readMetrics(ctx: MetricsNeeds): Promise<string> {
  const queue = await readQueue(ctx).catch((error: unknown) => {
    ctx.log.warn("queues not measured", { error });
    return undefined;
  });
  return renderExposition([
    ...metrics.collect(),
    gauge("almanac_build_info", "What runs here.", [
      [{ version, deno: Deno.version.deno }, 1],
    ]),
    ...poolFamilies(ctx),
    gauge("almanac_scrape_errors", "Parts of this scrape that are missing.", [
      [{ part: "queue" }, queue ? 0 : 1],
    ]),
    ...(queue ? queueFamilies(queue) : []),
  ]);
}

/** At most once in two seconds, however many scrape; a query that hangs is not joined by another. */
async function readQueue(ctx: MetricsNeeds): Promise<QueueFigures> {
  const kept = ctx.memory.get<QueueFigures>("queue figures");
  if (kept) return kept;
  const answered = new AbortController();
  const late = pause(deadlineMs, answered.signal).then(() => {
    throw new DOMException(`no answer in ${deadlineMs} ms`, "TimeoutError");
  });
  late.catch(() => {});
  try {
    const asking = ctx.memory.once(
      "queue figures",
      () => measureQueue(asSystem(ctx, "read_metrics")),
    );
    const figures = await Promise.race([asking, late]);
    ctx.memory.set("queue figures", figures, keepMs);
    return figures;
  } finally {
    answered.abort();
  }
}

function poolFamilies(ctx: MetricsNeeds): MetricFamily[] {
  const { inUse, idle, max, waiting } = ctx.database.pool();
  return [
    gauge("almanac_database_connections", "Connections to Postgres.", [
      [{ state: "in_use" }, inUse],
      [{ state: "idle" }, idle],
    ]),
    gauge("almanac_database_connections_max", "Connections that this process may have.", [
      [{}, max],
    ]),
    gauge("almanac_database_waiting", "Transactions that wait for a connection.", [[{}, waiting]]),
  ];
}

function queueFamilies({ outbox, running, failed, dead }: QueueFigures): MetricFamily[] {
  return [
    gauge("almanac_outbox_waiting", "Jobs asked for that QStash has not taken.", [
      [{}, outbox.count],
    ]),
    gauge("almanac_outbox_oldest_age_seconds", "Since when the first of them waits.", [
      [{}, outbox.oldestSeconds],
    ]),
    gauge("almanac_job_runs", "Runs that are at work, or have failed and come again.", [
      [{ state: "running" }, running.count],
      [{ state: "failed" }, failed.count],
    ]),
    gauge("almanac_job_runs_oldest_age_seconds", "Since when the first of them does.", [
      [{ state: "running" }, running.oldestSeconds],
      [{ state: "failed" }, failed.oldestSeconds],
    ]),
    gauge("almanac_dead_letters", "Jobs that were given up and not replayed.", [[{}, dead]]),
  ];
}

function gauge(
  name: string,
  help: string,
  values: [labels: Record<string, string>, value: number][],
): MetricFamily {
  const samples = values.map(([labels, value]): Sample => ({
    labels: Object.entries(labels),
    value,
  }));
  return { name, help, type: "gauge", samples };
}
