import type { Settings } from "../../config.ts";
import type { SystemEvent } from "../../lib/events.ts";

/** That a process serves from now on, with the settings that decide how it behaves, and no secret among them. */
export function processStarted(settings: Settings): SystemEvent {
  return {
    severity: "info",
    kind: "process_started",
    message: "a process has started",
    details: {
      release: settings.release ?? "unknown",
      deno: Deno.version.deno,
      logLevel: settings.logLevel,
      databasePoolMax: settings.databasePoolMax,
      databasePrepare: settings.databasePrepare,
      databaseDeadlineMs: settings.databaseDeadlineMs,
      redisDeadlineMs: settings.redisDeadlineMs,
      trustedProxies: settings.trustedProxies,
      marketProviders: settings.marketProviders,
      alertSweepSeconds: settings.alertSweepSeconds,
      sendsMail: settings.sendgridApiKey !== undefined,
    },
  };
}

/** That a process ends because it was told to; one that was killed leaves no such event. */
export function processStopped(ranMs: number): SystemEvent {
  return {
    severity: "info",
    kind: "process_stopped",
    message: "a process has stopped as it was told to",
    details: { ranSeconds: Math.round(ranMs / 1_000) },
  };
}

export function migrationApplied(name: string): SystemEvent {
  return {
    severity: "info",
    kind: "migration_applied",
    message: `the migration ${name} was applied`,
    details: { migration: name },
  };
}
