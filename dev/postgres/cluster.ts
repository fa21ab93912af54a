/** Makes a cluster: the folder in which one server keeps its databases. */
import { dirname, join } from "node:path";
import { type Account, makePrivateFolder, unlessMissing } from "./folders.ts";
import { waitUntilFree } from "./lock_file.ts";
import { type Binaries, runProgram } from "./programs.ts";

export interface Cluster {
  folder: string;
  password: string;
}

export interface ClusterOptions {
  /** The cluster becomes a folder below it, named by major version, because versions cannot read each other's. */
  dataDir: string;
  binaries: Binaries;
  account?: Account;
  /** Throw an existing cluster away. */
  fresh: boolean;
}

export const superuser = "postgres";
const passwordFile = "almanac.password";
const abandonedMs = 3_600_000;

/** Opens the cluster below `dataDir`, made first if need be, with no server running on it. */
export async function openCluster(options: ClusterOptions): Promise<Cluster> {
  const folder = join(options.dataDir, `pg${options.binaries.major}`);
  await waitUntilFree(folder);
  if (options.fresh) await Deno.remove(folder, { recursive: true }).catch(unlessMissing);
  if (!await isCluster(folder)) await makeCluster(folder, options);
  return { folder, password: await readPassword(folder) };
}

/** Made under another name and then renamed, so that a start killed half-way leaves nothing that looks like a cluster. */
async function makeCluster(folder: string, options: ClusterOptions) {
  await removeAbandoned(folder);
  const draft = `${folder}.new-${crypto.randomUUID().slice(0, 8)}`;
  const secret = `${draft}.password`;
  try {
    await makePrivateFolder(draft, options.account);
    await writeSecret(secret, options.account);
    await runProgram(options.binaries.initdb, initdbArgs(draft, secret, options), options.account);
    await Deno.rename(secret, join(draft, passwordFile));
    await Deno.rename(draft, folder);
  } catch (error) {
    await Deno.remove(draft, { recursive: true }).catch(() => {});
    await Deno.remove(secret).catch(() => {});
    // Two first starts at once: the other one's cluster is as good.
    if (!await isCluster(folder)) throw error;
  }
}

function initdbArgs(folder: string, secret: string, { binaries }: ClusterOptions) {
  return [
    `--pgdata=${folder}`,
    `--username=${superuser}`,
    `--pwfile=${secret}`,
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    ...localeArgs(binaries.major),
    // The password has 192 random bits, so that stretching it would only slow down each connection.
    ...(binaries.major >= 16 ? ["--set=scram_iterations=1"] : []),
    // A power cut within the first half minute may spoil a cluster that holds nothing yet; waiting costs 0.2 s and more.
    "--no-sync",
  ];
}

/** Postgres' own C.UTF-8 where it has one: text sorts the same on every machine, whatever the system has installed. */
function localeArgs(major: number): string[] {
  if (major < 17) return ["--locale=C.UTF-8"];
  return ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"];
}

async function writeSecret(path: string, account?: Account) {
  const password = crypto.getRandomValues(new Uint8Array(24)).toBase64({ alphabet: "base64url" });
  await Deno.writeTextFile(path, password, { mode: 0o600, createNew: true });
  if (account) await Deno.chown(path, account.uid, account.gid);
}

async function readPassword(folder: string): Promise<string> {
  const password = await Deno.readTextFile(join(folder, passwordFile)).catch(unlessMissing);
  if (password) return password;
  throw new Error(`${folder} has no ${passwordFile}: remove that folder, or start with --fresh.`);
}

async function isCluster(folder: string): Promise<boolean> {
  return await Deno.stat(join(folder, "PG_VERSION")).then(() => true, () => false);
}

/** Drafts of starts that were killed. The age tells them from one that is being made at this moment. */
async function removeAbandoned(folder: string) {
  const parent = dirname(folder);
  for await (const { name } of Deno.readDir(parent)) {
    const path = join(parent, name);
    if (!path.startsWith(`${folder}.new-`)) continue;
    const { mtime } = await Deno.stat(path);
    if (Date.now() - (mtime?.getTime() ?? 0) < abandonedMs) continue;
    await Deno.remove(path, { recursive: true });
  }
}
