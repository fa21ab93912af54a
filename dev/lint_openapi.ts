/** `deno task openapi`: the OpenAPI document, as the assembled app makes it, held against an outside linter. */
import { join } from "node:path";
import { describeApp } from "./openapi.ts";

const linter = "@redocly/cli@2.77.0";
const config = join(import.meta.dirname ?? ".", "redocly.yaml");
// It would tell its maker that it ran, and ask there for a newer one.
const alone = { REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true" };

async function lint(): Promise<number> {
  const folder = await Deno.makeTempDir({ prefix: "almanac-openapi-" });
  const file = join(folder, "openapi.json");
  try {
    await Deno.writeTextFile(file, JSON.stringify(describeApp(), null, 2));
    const { code } = await new Deno.Command("npx", {
      args: [
        "-y",
        "--prefer-offline",
        linter,
        "lint",
        file,
        "--config",
        config,
        "--max-problems=50",
      ],
      env: alone,
    }).spawn().status;
    return code;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (import.meta.main) Deno.exit(await lint());
