import { metrics } from "./metrics.ts";
import { secondMs, stopwatch } from "./time.ts";

const periodMs = 500;

const lagSeconds = metrics.histogram(
  "almanac_event_loop_lag_seconds",
  "By how much a timer was late: what every request waits for besides its own work.",
  [],
  [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
)();

// The names that every client library of Prometheus uses.
metrics.readGauge(
  "process_resident_memory_bytes",
  "Resident memory size in bytes.",
  () => Deno.memoryUsage().rss,
);
metrics.readGauge(
  "process_heap_bytes",
  "Process heap size in bytes.",
  () => Deno.memoryUsage().heapUsed,
);
metrics.readGauge(
  "process_start_time_seconds",
  "Start time of the process since unix epoch in seconds.",
  () => performance.timeOrigin / secondMs,
);

/** Measures twice a second how late timers are, until the returned function is called. */
export function watchEventLoop(): () => void {
  let elapsedMs = stopwatch();
  const timer = setInterval(() => {
    lagSeconds.observe(Math.max(0, elapsedMs() - periodMs) / secondMs);
    elapsedMs = stopwatch();
  }, periodMs);
  // A process that has nothing else to do may end.
  Deno.unrefTimer(timer);
  return () => clearInterval(timer);
}
