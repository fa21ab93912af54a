import { dayMs, hourMs, minuteMs, secondMs } from "../../lib/time.ts";

const publishingUnitsMs = new Map([["s", secondMs], ["m", minuteMs], ["h", hourMs], ["d", dayMs]]);

const answerUnitsMs = new Map([
  ["ns", 1e-6],
  ["us", 1e-3],
  ["µs", 1e-3],
  ["ms", 1],
  ["s", secondMs],
  ["m", minuteMs],
  ["h", hourMs],
]);

/** Reads what `Upstash-Delay` and `Upstash-Timeout` hold, such as `50s` or `1d10h30m`, in milliseconds. */
export function parseDuration(text: string): number | undefined {
  return sumOf(text, publishingUnitsMs);
}

/** Reads the durations of `Retry-After`, such as `6m5s` or `250ms`, in milliseconds. */
export function parseAnswerDuration(text: string): number | undefined {
  return sumOf(text, answerUnitsMs);
}

function sumOf(text: string, unitsMs: Map<string, number>): number | undefined {
  const parts = [...text.trim().matchAll(/(\d+(?:\.\d+)?)([a-zµ]+)/gy)];
  const understood = parts.map(([part]) => part).join("");
  if (parts.length === 0 || understood !== text.trim()) return undefined;
  let sumMs = 0;
  for (const [, amount, unit] of parts) sumMs += Number(amount) * (unitsMs.get(unit ?? "") ?? NaN);
  return Number.isNaN(sumMs) ? undefined : sumMs;
}
