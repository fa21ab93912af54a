import { metrics } from "./metrics.ts";
import { secondMs, stopwatch } from "./time.ts";

const durations = metrics.histogram(
  "almanac_vendor_call_duration_seconds",
  "Calls to parties outside by what came of them.",
  ["vendor", "outcome"],
  [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
);

/** Starts measuring a call to `vendor`; the returned function notes how it ended. */
export function startVendorCall(vendor: string): (outcome: string) => void {
  const elapsedMs = stopwatch();
  return (outcome) => durations(vendor, outcome).observe(elapsedMs() / secondMs);
}

/** `answered`, `limited` for 429, or `failed` for what the vendor calls its own fault. */
export function outcomeOf(status: number): string {
  if (status === 429) return "limited";
  return status >= 500 ? "failed" : "answered";
}
