/** What the simulation has in place of modules of the product: its stores, its clock, and what has no part in delivery. */
export const swaps: Record<string, string> = {
  "services/jobs/store/outbox.ts": "stores/outbox.ts",
  "services/jobs/store/runs.ts": "stores/runs.ts",
  "services/jobs/store/dead_letters.ts": "stores/dead_letters.ts",
  "services/jobs/store/schedules.ts": "stores/schedules.ts",
  "services/notifications/store.ts": "stores/notifications.ts",
  "services/notifications/store/claims.ts": "stores/claims.ts",
  "services/notifications/store/suppressions.ts": "stores/suppressions.ts",
  "lib/database.ts": "swapped/database.ts",
  "lib/time.ts": "swapped/time.ts",
  "services/notifications/load_recipient.ts": "swapped/load_recipient.ts",
  "services/notifications/render.ts": "swapped/render.ts",
  "services/notifications/note_message.ts": "swapped/note_message.ts",
};

/**
 * The product's own import map with the swaps in it, which hold for every module but the simulation's: those see what
 * they replace. An import that leads to a swapped file is led to the other one, however it is written.
 */
export function importMap(root: URL): { imports: Record<string, string>; scopes: object } {
  const { imports } = JSON.parse(Deno.readTextFileSync(new URL("deno.json", root)));
  const here = new URL("tests/simulation/", root).href;
  const own: Record<string, string> = {};
  for (const [path, other] of Object.entries(swaps)) {
    const real = new URL(path, root).href;
    imports[real] = here + other;
    own[real] = real;
  }
  return { imports, scopes: { [here]: own } };
}

/** Runs `run.ts` with the swaps; answers its exit code and what it has printed, which is also shown where `shown` says so. */
export async function runSimulation(
  args: string[],
  shown: boolean,
): Promise<{ code: number; output: string }> {
  const root = new URL("../../", import.meta.url);
  const map = `data:application/json,${encodeURIComponent(JSON.stringify(importMap(root)))}`;
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-check",
      `--import-map=${map}`,
      "--allow-read",
      "--allow-env",
      new URL("run.ts", import.meta.url).href,
      ...args,
    ],
    cwd: new URL(root),
    stdin: "null",
    stdout: shown ? "inherit" : "piped",
    stderr: shown ? "inherit" : "piped",
  });
  const outputs = await child.output();
  const { code } = outputs;
  if (shown) return { code, output: "" };
  const text = new TextDecoder();
  return { code, output: text.decode(outputs.stdout) + text.decode(outputs.stderr) };
}
