/** `migrate`, `status` or `dump` for the database of DATABASE_URL, from the command line. */
import { readDatabaseUrl } from "../config.ts";
import { dumpSchema, migrate, status } from "./mod.ts";

const usage = "usage: migrations/main.ts [migrate|status|dump], with DATABASE_URL set";

async function main(verb = "migrate") {
  const url = readDatabaseUrl((name) => Deno.env.get(name));
  if (!url) return refuse(usage);
  if (verb === "migrate") return await runMigrate(url);
  if (verb === "status") return await runStatus(url);
  if (verb === "dump") return console.log(await dumpSchema(url));
  refuse(usage);
}

async function runMigrate(url: string) {
  const { applied, alreadyApplied } = await migrate({
    url,
    report: console.log,
    signal: stopSignal(),
  });
  console.log(`${applied.length} applied, ${alreadyApplied} were there before.`);
}

/** Succeeds only where the database has exactly what the code has, so that a deployment can ask. */
async function runStatus(url: string) {
  const found = await status(url);
  for (const [state, names] of Object.entries(found)) {
    for (const name of names) console.log(`${state.padEnd(8)} ${name}`);
  }
  if (found.pending.length + found.edited.length + found.unknown.length > 0) Deno.exitCode = 1;
}

/** A server goes on with a statement whose client has gone, and with its locks; so we cancel it before we end. */
function stopSignal(): AbortSignal {
  const stopping = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, () => stopping.abort(new Error(`stopped by ${signal}`)));
  }
  return stopping.signal;
}

function refuse(message: string) {
  console.error(message);
  Deno.exitCode = 1;
}

if (import.meta.main) {
  await main(Deno.args[0]).catch((error) => refuse(error instanceof Error ? error.message : error));
  Deno.exit();
}
