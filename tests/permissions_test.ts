/** The server may do what it needs and nothing else; `deno.json` says what that is. */
import assert from "node:assert/strict";
import { settings } from "../config.ts";
import config from "../deno.json" with { type: "json" };

const { permissions, tasks } = config;

Deno.test("the server may read every setting by name, and no other variable of the environment", () => {
  const names = Object.values(settings).map(({ name }) => name);
  // Read only to refuse it: with it set, anybody could sign a job.
  assert.deepEqual([...permissions.server.env.allow].sort(), [...names, "QSTASH_DEV"].sort());
  assert.equal(permissions.server.env.ignore, true);
});

Deno.test("the server may use the network, but not the address at which clouds keep their secrets", () => {
  assert.deepEqual(Object.keys(permissions.server).sort(), ["env", "net"]);
  assert.deepEqual(permissions.server.net.deny, ["169.254.0.0/16"]);
});

Deno.test("no task that serves or deploys runs with every permission", () => {
  for (const name of ["start", "migrate", "release"] as const) {
    const { command } = tasks[name];
    assert.doesNotMatch(command, /(^|\s)(-A|--allow-all)\b/, name);
    assert.match(command, /-P=(server|migrate)\b/, name);
  }
});

Deno.test("a server with the permissions of its task refuses to start without settings, and names them all", async () => {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-P=server", "--quiet", "main.ts"],
    clearEnv: true,
    env: {
      HOME: Deno.env.get("HOME") ?? "",
      DENO_DIR: Deno.env.get("DENO_DIR") ?? "",
      NO_COLOR: "1",
    },
  }).output();
  const said = new TextDecoder().decode(stderr);
  assert.notEqual(code, 0);
  assert.doesNotMatch(said, /NotCapable/);
  for (const name of ["PUBLIC_URL", "APP_SECRET", "DATABASE_URL", "QSTASH_TOKEN"]) {
    assert.match(said, new RegExp(`${name} is missing`));
  }
});
