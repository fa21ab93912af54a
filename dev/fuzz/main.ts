/** `deno task fuzz [--requests 20000] [--seed N]`: asks an app of its own what nobody would ask. */
import { startTestServer } from "../test_server.ts";
import { copyTemplate } from "../test_template.ts";
import { startFuzzApp } from "./app.ts";
import { describeFinding, fuzz, type FuzzResult } from "./run.ts";

function numberAfter(flag: string, otherwise: number): number {
  const at = Deno.args.indexOf(flag);
  const given = at < 0 ? otherwise : Number(Deno.args[at + 1]);
  if (!Number.isSafeInteger(given) || given < 0) throw new Error(`${flag} takes a whole number`);
  return given;
}

async function run(requests: number, seed: number): Promise<FuzzResult> {
  const server = await startTestServer(Deno.env.get("TEST_DATABASE_URL"));
  const database = await copyTemplate(server.url, server.template, "fuzz");
  try {
    await using app = await startFuzzApp(database.url);
    const startedMs = performance.now();
    let told = 0;
    const result = await fuzz(app, {
      requests,
      seed,
      report({ requests: made, findings }) {
        for (const finding of findings.slice(told)) console.log(`\n${describeFinding(finding)}`);
        told = findings.length;
        const seconds = Math.round((performance.now() - startedMs) / 1_000);
        console.error(`${made} of ${requests} requests, ${seconds} s, ${findings.length} findings`);
      },
    });
    for (const line of app.logged.slice(0, 20)) console.error(line.slice(0, 2_000));
    return result;
  } finally {
    await database.drop();
    await server.stop();
  }
}

if (import.meta.main) {
  const requests = numberAfter("--requests", 20_000);
  const seed = numberAfter("--seed", crypto.getRandomValues(new Uint32Array(1))[0]! % 1_000_000);
  console.log(`seed ${seed}`);
  const { findings, answers } = await run(requests, seed);
  for (const [name, byStatus] of [...answers].toSorted(([a], [b]) => a < b ? -1 : 1)) {
    const counts = [...byStatus].toSorted(([a], [b]) => a - b).map((pair) => pair.join("×"));
    console.log(`${name.padEnd(50)} ${counts.join("  ")}`);
  }
  console.log(`\n${findings.length} findings, seed ${seed}`);
  Deno.exit(findings.length === 0 ? 0 : 1);
}
