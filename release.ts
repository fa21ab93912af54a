/** `deno task release`: what a new version needs once, before it serves. Running it again changes nothing. */
import { readConfig, type Settings } from "./config.ts";
import { createLog } from "./lib/log.ts";
import { systemClock } from "./lib/time.ts";
import { migrate } from "./migrations/mod.ts";
import { upsertTickSchedule } from "./services/jobs/mod.ts";

/** Migrates, and sets the one schedule that drives all others. */
async function release(settings: Settings, report: (line: string) => void): Promise<void> {
  const { applied, alreadyApplied } = await migrate({ url: settings.databaseUrl.reveal(), report });
  report(`${applied.length} migrations applied, ${alreadyApplied} were there before`);
  await upsertTickSchedule({
    url: settings.qstashUrl,
    token: settings.qstashToken,
    publicUrl: settings.publicUrl,
  });
  report("schedule set: tick, each minute");
}

if (import.meta.main) {
  const settings = readConfig((name) => Deno.env.get(name));
  const log = createLog({ level: "info", format: "text", now: systemClock });
  await release(settings, (line) => log.info(line));
  log.flush();
}
