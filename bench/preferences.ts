/** What checking a body costs: a PUT of preferences up to where the database would begin, beside one that is only read. */
import { PreferencesInput } from "../services/preferences/mod.ts";
import { type Figure, figure } from "./figure.ts";
import { measureHttp } from "./http.ts";
import type { BenchOptions } from "./mod.ts";
import { lowerQuartile } from "./rounds.ts";
import { startServer } from "./servers.ts";

const path = "/v1/preferences";
export async function* benchPreferences(options: BenchOptions): AsyncGenerator<Figure> {
  await using servers = new AsyncDisposableStack();
  const start = async (program: string) =>
    servers.adopt(await startServer(program), ({ stop }) => stop());
  const asked = {
    path,
    method: "PUT",
    body: JSON.stringify(PreferencesInput.meta()?.example),
    headers: { "content-type": "application/json" },
    status: 204,
  };
  const measured = await measureHttp({
    checked: { ...asked, server: await start("bench/servers/checked_put.ts") },
    read: { ...asked, server: await start("bench/peers/read_put.ts") },
  }, options);
  const cpuOf = (name: string) =>
    lowerQuartile((measured[name] ?? []).map(({ cpuMicrosPerRequest }) => cpuMicrosPerRequest));
  yield figure({
    bench: "preferences",
    what: "validated PUT, without the database",
    value: cpuOf("checked"),
    unit: "us cpu/request",
    against: "B1",
    other: cpuOf("read"),
    better: "lower",
    runs: measured.checked?.length ?? 0,
  });
}
