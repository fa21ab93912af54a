import { join } from "node:path";
import type { Account } from "./folders.ts";

/** The oldest Postgres that the product supports. */
export const majorMin = 15;

/** The two programs that make and run a cluster. */
export interface Binaries {
  postgres: string;
  initdb: string;
  /** As people say it: "18.4". */
  version: string;
  major: number;
  source: "embedded" | "system";
}

const decoder = new TextDecoder();

/** The programs in the folder `bin`, proven by running them as `account`. */
export async function inspectPrograms(
  bin: string,
  source: Binaries["source"],
  account?: Account,
): Promise<Binaries> {
  const postgres = join(bin, "postgres");
  const initdb = join(bin, "initdb");
  await runProgram(initdb, ["--version"], account);
  const answer = await runProgram(postgres, ["--version"], account);
  const version = answer.match(/\(PostgreSQL\) (\d+)(\.\d+)?/);
  if (!version) throw new Error(`${postgres} does not tell its version: ${answer}`);
  const [, major = "", minor = ""] = version;
  return { postgres, initdb, version: major + minor, major: Number(major), source };
}

/**
 * Runs a program of Postgres to its end and answers what it wrote.
 * @throws Error with what it wrote where it does not succeed
 */
export async function runProgram(
  program: string,
  args: string[],
  account?: Account,
): Promise<string> {
  const command = new Deno.Command(program, { args, ...programSurroundings(account) });
  const { success, stdout, stderr } = await command.output();
  if (success) return decoder.decode(stdout).trim();
  throw new Error(`${program} failed: ${decoder.decode(stderr).trim()}`);
}

/** The same language, time zone and environment on every machine. A working folder that any account may enter. */
export function programSurroundings(account?: Account) {
  return {
    ...account,
    cwd: "/",
    clearEnv: true,
    env: { PATH: "/usr/local/bin:/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" },
  };
}
