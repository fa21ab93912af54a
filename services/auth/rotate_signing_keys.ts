import { hourMs } from "../../lib/time.ts";
import { authoriseSystem } from "../authorise.ts";
import { recordChange } from "../audit/mod.ts";
import { inTransaction, type Needs } from "../ctx.ts";
import {
  advanceSigningKeys,
  insertSigningKey,
  lockSigningKeys,
  selectSigningKey,
} from "./store.ts";

// Every process has read the next key by then, and no token of the one before the current is alive any more.
const publishedAtLeastMs = hourMs;

type RotateNeeds = Needs<
  "actor" | "database" | "keys" | "log" | "newId" | "now" | "origin" | "requestId"
>;

/**
 * Lets the next key sign, keeps the current one published as the previous, and makes another next one. Nobody is
 * signed out. False, and nothing done, while the next key has not been published for an hour.
 */
export async function rotateSigningKeys(ctx: RotateNeeds): Promise<boolean> {
  authoriseSystem(ctx);
  return await inTransaction(ctx, async (tx) => {
    await lockSigningKeys(tx.sql);
    const next = await selectSigningKey(tx.sql, "next");
    if (!next || ctx.now() - next.createdAtMs < publishedAtLeastMs) return false;
    await advanceSigningKeys(tx.sql, ctx.now());
    await insertSigningKey(tx.sql, await ctx.keys.makeNext(), "next", ctx.now());
    await recordChange(tx, { action: "signing_key.rotated", entityId: next.id });
    tx.afterCommit(() => ctx.keys.reload());
    tx.afterCommit(() =>
      ctx.log.event({
        severity: "info",
        kind: "signing_keys_rotated",
        message: "the next signing key signs now",
        details: { keyId: next.id },
      })
    );
    return true;
  });
}
