import assert from "node:assert/strict";

interface Graph {
  roots: string[];
  modules: {
    specifier: string;
    dependencies?: { code?: { specifier?: string }; isDynamic?: boolean }[];
  }[];
}

/** Every module that is loaded before `main.ts` runs. */
async function loadedAtStart(): Promise<string[]> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", "main.ts"],
  }).output();
  const { roots, modules }: Graph = JSON.parse(new TextDecoder().decode(stdout));
  const bySpecifier = new Map(modules.map((module) => [module.specifier, module]));
  const loaded = new Set<string>();
  const waiting = [...roots];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (loaded.has(next)) continue;
    loaded.add(next);
    for (const { code, isDynamic } of bySpecifier.get(next)?.dependencies ?? []) {
      if (!isDynamic && code?.specifier) waiting.push(code.specifier);
    }
  }
  return [...loaded];
}

Deno.test("a process starts with what the hot reads need, and with no package at all", async () => {
  const loaded = await loadedAtStart();
  assert.ok(loaded.some((specifier) => specifier.endsWith("/routes/hot.ts")));
  assert.deepEqual(loaded.filter((specifier) => !specifier.startsWith("file:")), []);
  assert.ok(loaded.length <= 90, `${loaded.length} files`);
});
