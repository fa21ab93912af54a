/** From starting the edge program to its first answer, beside a bare server started the same way. */
import { root } from "../dev/source/tree.ts";
import { type Figure, figure } from "./figure.ts";
import type { BenchOptions } from "./mod.ts";
import { interleave, median } from "./rounds.ts";
import { edgeEnvironment } from "./servers/environment.ts";
import { endQuietly, freePort } from "./servers.ts";
import { ask } from "./wire.ts";

const answerDeadlineMs = 20_000;
const roundsMin = 9;

const bundle = "dist/edge/main.js";

/** The bundled and the plain edge program, both against B0. Builds the bundle first. */
export async function* benchImport({ rounds }: BenchOptions): AsyncGenerator<Figure> {
  await buildBundle();
  const runs = Math.max(rounds, roundsMin);
  const samples = await interleave({
    bare: () => firstAnswerMs("bench/peers/b0.ts"),
    bundled: () => firstAnswerMs(bundle),
    plain: () => firstAnswerMs("main.ts"),
  }, runs);
  const bareMs = median(samples.bare ?? []);
  for (
    const [what, times] of Object.entries({ bundled: samples.bundled, unbundled: samples.plain })
  ) {
    yield figure({
      bench: "import",
      what: `start to first answer, ${what}`,
      value: median(times ?? []),
      unit: "ms",
      against: "B0",
      other: bareMs,
      better: "lower",
      runs,
    });
  }
}

async function buildBundle(): Promise<void> {
  const command = new Deno.Command(Deno.execPath(), { args: ["task", "build"], cwd: root });
  const { success, stderr } = await command.output();
  if (!success) throw new Error(`deno task build: ${new TextDecoder().decode(stderr)}`);
}

async function firstAnswerMs(program: string): Promise<number> {
  const port = freePort();
  const startedMs = performance.now();
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", program],
    cwd: root,
    env: edgeEnvironment(port),
    stdout: "null",
    stderr: "piped",
  }).spawn();
  let ended = false;
  child.status.then(() => ended = true);
  const givenUp = () => ended || performance.now() - startedMs > answerDeadlineMs;
  try {
    await untilAnswered(port, givenUp);
    return performance.now() - startedMs;
  } catch (error) {
    endQuietly(child, "SIGKILL");
    const said = await new Response(child.stderr).text();
    throw new Error(`${program} gave no answer: ${said}`, { cause: error });
  } finally {
    endQuietly(child, "SIGKILL");
    await child.stderr.cancel().catch(() => {});
    await child.status;
  }
}

async function untilAnswered(port: number, givenUp: () => boolean): Promise<void> {
  while (!givenUp()) {
    try {
      const { status } = await ask({ port, path: "/healthz", headers: {} });
      if (status === 200) return;
    } catch (error) {
      if (!(error instanceof Deno.errors.ConnectionRefused)) throw error;
    }
    // Asking without a pause would take time from the program that is measured.
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  throw new Error("it ended, or took too long");
}
