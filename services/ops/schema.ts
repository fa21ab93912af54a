import * as z from "zod";
import type { EventDetails, Severity } from "../../lib/events.ts";
import type { EpochMs } from "../../lib/time.ts";

const Dependency = z.object({
  name: z.string(),
  /** Degraded: it answers, and more slowly than it should. */
  state: z.enum(["up", "degraded", "down"]),
  latencyMs: z.number(),
  /** Above this it counts as degraded. */
  slowAboveMs: z.number(),
});

const Check = z.object({
  name: z.string(),
  state: z.enum(["up", "degraded", "unknown"]),
  /** Null where it could not be found out. */
  value: z.number().nullable(),
  limit: z.number(),
  unit: z.string(),
});

/** How the parts that we stand on do. */
export const Readiness = z.object({
  state: z.enum(["ready", "degraded", "down"]),
  dependencies: z.array(Dependency),
  checks: z.array(Check),
}).meta({
  id: "Readiness",
  example: {
    state: "ready",
    dependencies: [
      { name: "postgres", state: "up", latencyMs: 1.8, slowAboveMs: 500 },
      { name: "redis", state: "up", latencyMs: 3.1, slowAboveMs: 150 },
      { name: "qstash", state: "up", latencyMs: 41.5, slowAboveMs: 1_500 },
    ],
    checks: [{ name: "outbox_lag", state: "up", value: 0, limit: 120, unit: "seconds" }],
  },
});

export type Readiness = z.infer<typeof Readiness>;
export type Dependency = z.infer<typeof Dependency>;
export type Check = z.infer<typeof Check>;

/** Every occurrence of one unexpected error. */
export const ErrorGroup = z.object({
  id: z.uuid(),
  fingerprint: z.string(),
  name: z.string(),
  code: z.string().nullable(),
  template: z.string(),
  place: z.string(),
  stack: z.array(z.string()),
  state: z.enum(["open", "resolved"]),
  firstSeenAt: z.string(),
  lastSeenAt: z.string(),
  count: z.number(),
  lastRequestId: z.string().nullable(),
  lastRoute: z.string().nullable(),
  resolvedAt: z.string().nullable(),
  resolvedBy: z.string().nullable(),
  regressed: z.number(),
}).meta({
  id: "ErrorGroup",
  example: {
    id: "0190b0f0-0000-7000-8000-000000000001",
    fingerprint: "9f1c2b7a40d3e865",
    name: "PostgresError",
    code: "42P01",
    template: "relation … does not exist",
    place: "selectPlans (services/plans/store.ts)",
    stack: ["selectPlans (services/plans/store.ts:41:23)"],
    state: "open",
    firstSeenAt: "2026-01-05T09:30:00.000Z",
    lastSeenAt: "2026-01-05T09:31:12.250Z",
    count: 12,
    lastRequestId: "0f3a9c1d2e4b-1",
    lastRoute: "GET /v1/plans",
    resolvedAt: null,
    resolvedBy: null,
    regressed: 0,
  },
});
export type ErrorGroup = z.infer<typeof ErrorGroup>;

/** Something that the product noted about itself. */
export const StoredEvent = z.object({
  id: z.uuid(),
  at: z.string(),
  lastAt: z.string(),
  severity: z.enum(["info", "warning", "error", "critical"]),
  kind: z.string(),
  message: z.string(),
  details: z.record(z.string(), z.unknown()),
  instance: z.string(),
  count: z.number(),
}).meta({
  id: "SystemEvent",
  example: {
    id: "0190b0f0-0000-7000-8000-000000000002",
    at: "2026-01-05T09:30:00.000Z",
    lastAt: "2026-01-05T09:30:41.000Z",
    severity: "warning",
    kind: "circuit_opened",
    message: "redis does not answer; it is left alone until it does",
    details: { circuit: "redis" },
    instance: "5b1f09ac",
    count: 2,
  },
});
export type StoredEvent = z.infer<typeof StoredEvent>;

/** An event on its way to its row. */
export interface NotedEvent {
  id: string;
  severity: Severity;
  kind: string;
  message: string;
  details: EventDetails;
  atMs: EpochMs;
  lastAtMs: EpochMs;
  /** How often since it was last written. */
  count: number;
}

/** Occurrences of one error on their way to its row. */
export interface NotedError {
  fingerprint: string;
  name: string;
  code: string | null;
  template: string;
  place: string;
  stack: string[];
  firstSeenMs: EpochMs;
  lastSeenMs: EpochMs;
  /** How often since it was last written. */
  count: number;
  requestId: string | null;
  route: string | null;
}

/** Where an error was met. */
export interface SeenAt {
  requestId?: string;
  /** `GET /v1/plans/:id`, or `job judge_alerts`; an address as it was asked has ids of people in it. */
  route?: string;
}
