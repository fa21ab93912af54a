import assert from "node:assert/strict";
import { metrics } from "../../lib/metrics.ts";
import { watchEventLoop } from "../../lib/process_metrics.ts";
import { renderExposition } from "../../lib/exposition.ts";
import { parseExposition, sampleOf } from "../support/exposition.ts";
import { pollUntil } from "../support/poll.ts";

const name = "almanac_event_loop_lag_seconds";
const value = (suffix: string) =>
  sampleOf(parseExposition(renderExposition(metrics.collect())), `${name}${suffix}`);

Deno.test("what holds up the event loop shows as lag, and watching ends when it is told to", async () => {
  const before = value("_sum");
  const end = watchEventLoop();
  try {
    const untilMs = performance.now() + 900;
    while (performance.now() < untilMs);
    await pollUntil("a late timer", () => Promise.resolve(value("_count") > 0));
  } finally {
    end();
  }
  assert.ok(value("_sum") - before > 0.3, String(value("_sum")));
});
