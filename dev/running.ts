import { databaseFolder } from "./postgres/mod.ts";
import type { StandIns } from "./stand_ins.ts";

/** Where the parts of a running `deno task dev` are, for programs that walk through it. */
export interface Running {
  appUrl: string;
  qstash: { url: string; token: string };
  sendgridUrl: string;
  yahooUrl: string;
}

/** Leaves word of what runs, readable by this account alone. */
export async function writeRunning(
  appUrl: string,
  { qstash, sendgrid, yahoo }: StandIns,
): Promise<void> {
  const running: Running = {
    appUrl,
    qstash: { url: qstash.url, token: qstash.token },
    sendgridUrl: sendgrid.url,
    yahooUrl: yahoo.url,
  };
  await Deno.writeTextFile(await runningFile(), JSON.stringify(running), { mode: 0o600 });
}

export async function readRunning(): Promise<Running> {
  try {
    return JSON.parse(await Deno.readTextFile(await runningFile()));
  } catch {
    throw new Error("Nothing runs here. Start it in another terminal: deno task dev");
  }
}

async function runningFile(): Promise<string> {
  return `${await databaseFolder("dev")}/running.json`;
}
