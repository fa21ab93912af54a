import type { Database } from "../../lib/database.ts";
import type { Log } from "../../lib/log.ts";
import { type Clock, type EpochMs, secondMs } from "../../lib/time.ts";
import { inTransaction } from "../ctx.ts";
import type { KeyUses } from "./schema.ts";

const writeAfterMs = secondMs;

/** Gathers which API keys were used and writes them together, a second later: no request waits for it. */
export function createKeyUses(deps: { database: Database; log: Log; now: Clock }): KeyUses {
  const system = { ...deps, actor: { kind: "system", job: "note_api_key_uses" } as const };
  const noted = new Map<string, EpochMs>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let writing: Promise<void> | undefined;

  async function write() {
    timer = undefined;
    const uses = [...noted].map(([id, atMs]) => ({ id, atMs }));
    noted.clear();
    if (uses.length === 0) return;
    try {
      const { updateApiKeyUses } = await import("./store.ts");
      await inTransaction(system, ({ sql }) => updateApiKeyUses(sql, uses));
    } catch (error) {
      // A key that is in use is noted again within a minute or so.
      deps.log.warn("uses of API keys not written", { error });
    }
  }

  return {
    note(id) {
      noted.set(id, deps.now());
      timer ??= setTimeout(() => void (writing = write()), writeAfterMs);
    },
    async close() {
      clearTimeout(timer);
      await writing;
      await write();
    },
  };
}
