/** `postmaster.pid`, by which a server tells that it holds a data folder, and in which state it is. */
import { join } from "node:path";
import { unlessMissing } from "./folders.ts";

export interface LockFile {
  pid: number;
  port: number;
  state: "starting" | "ready" | "stopping" | "unknown";
}

/** Another living server holds the data folder. */
export class FolderInUse extends Error {
  override name = "FolderInUse";
}

const decoder = new TextDecoder();
const pollMs = 20;
// Long enough for the watcher of a killed process to notice and say so in the file.
const otherServerMs = 1_000;
const shutdownMs = 15_000;

/** What the file in `folder` says, or nothing where there is none. It may be left over from a server that was killed. */
export async function readLockFile(folder: string): Promise<LockFile | undefined> {
  const text = await Deno.readTextFile(pathIn(folder)).catch(unlessMissing);
  if (text === undefined) return undefined;
  // The lines' order is documented in Postgres' source, miscadmin.h, as LOCK_FILE_LINE_*.
  const lines = text.split("\n").map((line) => line.trim());
  const state = lines[7];
  return {
    pid: Math.abs(Number(lines[0])),
    port: Number(lines[3]),
    state: state === "starting" || state === "ready" || state === "stopping" ? state : "unknown",
  };
}

/**
 * Waits until no server holds `folder`: one that shuts down gets its time. Removes a file that was left over, because
 * after a restart of the machine its number may belong to some other program of the same person.
 * @throws FolderInUse where the other server stays
 */
export async function waitUntilFree(folder: string): Promise<void> {
  const startedMs = performance.now();
  for (;;) {
    const lock = await readLockFile(folder);
    if (!lock) return;
    if (!await isServerOf(folder, lock.pid)) return removeLockFile(folder, lock.pid);
    const waitMs = lock.state === "stopping" ? shutdownMs : otherServerMs;
    if (performance.now() - startedMs > waitMs) throw new FolderInUse(inUse(folder, lock));
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

/** Asked of the system, since the number alone may have been given to another program meanwhile. */
async function isServerOf(folder: string, pid: number): Promise<boolean> {
  if (!Number.isInteger(pid) || pid <= 1) return false;
  const ask = `tr '\\0' ' ' </proc/${pid}/cmdline 2>/dev/null || ps -ww -o command= -p ${pid}`;
  const command = new Deno.Command("sh", { args: ["-c", ask], stderr: "null" });
  const commandLine = decoder.decode((await command.output()).stdout);
  return commandLine.includes("postgres") && commandLine.includes(folder);
}

async function removeLockFile(folder: string, pid: number) {
  if ((await readLockFile(folder))?.pid !== pid) return;
  await Deno.remove(pathIn(folder)).catch(unlessMissing);
}

function inUse(folder: string, { pid, state }: LockFile): string {
  return `Another Postgres (process ${pid}, ${state}) uses ${folder}. ` +
    `Stop the program that started it, or that server itself: kill -INT ${pid}`;
}

function pathIn(folder: string): string {
  return join(folder, "postmaster.pid");
}
