/** `deno task release`: what a new version needs once, before it serves. Running it again changes nothing. */
import { readConfig, type Settings } from "./config.ts";
import { openDeps } from "./deps.ts";
import { createLog, type Log } from "./lib/log.ts";
import { systemClock } from "./lib/time.ts";
import { migrate } from "./migrations/mod.ts";
import { upsertTickSchedule } from "./services/jobs/mod.ts";
import { migrationApplied } from "./services/ops/mod.ts";

/** Migrates, and sets the one schedule that drives all others. */
async function release(settings: Settings, log: Log): Promise<void> {
  const report = (line: string) => log.info(line);
  const { applied, alreadyApplied } = await migrate({ url: settings.databaseUrl.reveal(), report });
  await noteMigrations(settings, log, applied);
  report(`${applied.length} migrations applied, ${alreadyApplied} were there before`);
  await upsertTickSchedule({
    url: settings.qstashUrl,
    token: settings.qstashToken,
    publicUrl: settings.publicUrl,
  });
  report("schedule set: tick, each minute");
}

/** Only now is there certainly a table for it. */
async function noteMigrations(settings: Settings, log: Log, applied: string[]): Promise<void> {
  if (applied.length === 0) return;
  const deps = openDeps(settings, { log });
  for (const name of applied) deps.log.event(migrationApplied(name));
  await deps.close();
}

if (import.meta.main) {
  const settings = readConfig((name) => Deno.env.get(name));
  const log = createLog({ level: "info", format: "text", now: systemClock });
  await release(settings, log);
  log.flush();
}
