/**
 * `deno task smoke`: the bundled edge on the Deno that Deno Deploy runs, without flags of the runtime, walked through
 * like the product itself. What only a newer Deno has must not be needed there.
 */
import { Secret } from "../lib/secret.ts";
import { upsertTickSchedule } from "../services/jobs/mod.ts";
import { startApp } from "./app_process.ts";
import { createSteps } from "./demo/steps.ts";
import { walk } from "./demo/walk.ts";
import { startEngines } from "./engines.ts";

const deployVersion = "2.5.7";

async function smoke() {
  const port = freePort();
  const appUrl = `http://127.0.0.1:${port}`;
  const engines = await startEngines({ name: "smoke", port, fresh: true, report() {} });
  try {
    const env = { ...engines.env, LOG_LEVEL: "error" };
    const app = await startApp(
      ["run", "--allow-net", "--allow-env", "--no-prompt", "dist/edge/main.js"],
      env,
      appUrl,
      await olderDeno(),
    );
    try {
      const { qstash, sendgrid, yahoo } = engines.standIns;
      await upsertTickSchedule({
        url: qstash.url,
        token: new Secret(qstash.token),
        publicUrl: appUrl,
      });
      await walk(
        { appUrl, qstash, sendgridUrl: sendgrid.url, yahooUrl: yahoo.url },
        createSteps((line) => console.log(line)),
      );
    } finally {
      await app.stop();
    }
  } finally {
    await engines.stop();
  }
}

/** The path of that Deno's own program: npx alone would stand between us and the process that we end. */
async function olderDeno(): Promise<string> {
  const { stdout, success, stderr } = await new Deno.Command("npx", {
    args: [
      "-y",
      "--prefer-offline",
      `deno@${deployVersion}`,
      "eval",
      "console.log(Deno.execPath())",
    ],
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout).trim();
}

function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  listener.close();
  return listener.addr.port;
}

try {
  await smoke();
  console.log(`\nThe edge bundle works on Deno ${deployVersion}.`);
} catch (error) {
  console.error(error);
  Deno.exit(1);
}
