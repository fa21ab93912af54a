import { dirname, join } from "node:path";
import type { Account } from "./folders.ts";
import { type Binaries, inspectPrograms, majorMin } from "./programs.ts";

const debianFolder = "/usr/lib/postgresql";

/** The newest Postgres among Debian's folders and the search path that is new enough and runs. */
export async function findSystem(account?: Account): Promise<Binaries | undefined> {
  const found: Binaries[] = [];
  for (const bin of new Set([...await debianFolders(), ...await searchPath()])) {
    const binaries = await inspectPrograms(bin, "system", account).catch(() => undefined);
    if (binaries && binaries.major >= majorMin) found.push(binaries);
  }
  return found.toSorted((a, b) => b.major - a.major)[0];
}

async function debianFolders(): Promise<string[]> {
  try {
    const versions = await Array.fromAsync(Deno.readDir(debianFolder));
    return versions.map(({ name }) => join(debianFolder, name, "bin"));
  } catch {
    return [];
  }
}

/** Links are followed, because a server looks for its other files beside the real program. */
async function searchPath(): Promise<string[]> {
  const folders = (Deno.env.get("PATH") ?? "").split(":").filter((folder) => folder !== "");
  const programs = await Promise.all(
    folders.map((folder) => Deno.realPath(join(folder, "postgres")).catch(() => undefined)),
  );
  return programs.filter((program) => program !== undefined).map((program) => dirname(program));
}
