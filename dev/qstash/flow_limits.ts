import { dayMs, secondMs } from "../../lib/time.ts";
import { parseDuration } from "./durations.ts";
import { Refusal } from "./refusal.ts";

const longestPeriodMs = 7 * dayMs;

/** How many messages with one key may be under way at once, and how many may start within a period. */
export interface FlowLimits {
  key: string;
  parallelism?: number;
  rate?: number;
  periodMs: number;
}

/** Reads `Upstash-Flow-Control-Key` and `-Value`, such as `parallelism=5, rate=10, period=1m`. */
export function readFlowLimits(headers: Headers): FlowLimits | undefined {
  const key = headers.get("upstash-flow-control-key");
  const value = headers.get("upstash-flow-control-value");
  if (key === null && value === null) return undefined;
  if (!key || !value) throw new Refusal(400, "flow control needs both a key and a value");
  const limits: FlowLimits = { key, periodMs: secondMs };
  for (const part of value.split(",")) readPart(limits, part.trim());
  if (limits.parallelism === undefined && limits.rate === undefined) {
    throw new Refusal(400, "flow control needs parallelism or rate");
  }
  return limits;
}

/** A whole number above zero; throws a 400 for anything else. */
export function readLimit(name: string, text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new Refusal(400, `invalid flow control ${name}: ${text}`);
}

/** A period in seconds or as a duration, at most a week. */
export function readPeriod(text: string): number {
  const periodMs = /^\d+$/.test(text) ? Number(text) * secondMs : parseDuration(text);
  if (periodMs !== undefined && periodMs > 0 && periodMs <= longestPeriodMs) return periodMs;
  throw new Refusal(400, `invalid flow control period: ${text}`);
}

function readPart(limits: FlowLimits, part: string) {
  const [name, text = ""] = part.split("=", 2).map((side) => side.trim());
  if (name === "parallelism") limits.parallelism = readLimit(name, text);
  else if (name === "rate") limits.rate = readLimit(name, text);
  else if (name === "period") limits.periodMs = readPeriod(text);
  else throw new Refusal(400, `unknown flow control value: ${name}`);
}
