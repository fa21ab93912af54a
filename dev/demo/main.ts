/** `deno task demo`: walks the whole product against a running `deno task dev`, and fails loudly. */
import { readRunning } from "../running.ts";
import { createSteps } from "./steps.ts";
import { walk } from "./walk.ts";

const steps = createSteps((line) => console.log(line));
try {
  const running = await readRunning();
  console.log(`Walking through ${running.appUrl} as Michael Client\n`);
  await walk(running, steps);
  console.log(`\nAll of it works, in ${(steps.elapsedMs() / 1_000).toFixed(1)} s.`);
} catch (error) {
  console.error(`\nThe walk ended here: ${error instanceof Error ? error.message : error}`);
  Deno.exit(1);
}
