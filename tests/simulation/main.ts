/** `deno task simulate [--seconds 10] [--runs N] [--seed S]`: delivery in a world where everything goes wrong. */
import { runSimulation } from "./import_map.ts";

if (import.meta.main) {
  const { code } = await runSimulation(Deno.args, true);
  Deno.exit(code);
}
