import { fail } from "../../lib/errors.ts";
import { minuteMs, secondMs } from "../../lib/time.ts";
import { inTransaction, type Needs } from "../ctx.ts";
import { isApiKey } from "./model/api_key.ts";
import { permissionsOf } from "./model/roles.ts";
import type { CheckedToken } from "./schema.ts";
import { selectUsableApiKey, type UsableApiKey } from "./store.ts";
import { accessTokenSeconds, hashToken } from "./tokens.ts";

/** How long a token or key that was found good, or bad, is believed to be so without being looked at again. */
export const acceptedForMs = minuteMs;
export const refusedForMs = minuteMs / 2;

export type VerifyKeyNeeds = Needs<"database" | "keys" | "log" | "now">;

/**
 * What an API key stands for at this moment, from the database, remembered for a minute;
 * `invalid_token` for every key that is no good, whatever the reason. One that we cannot have made costs no query.
 */
export async function verifyApiKey(
  ctx: VerifyKeyNeeds,
  key: string,
): Promise<CheckedToken> {
  if (!isApiKey(key)) return fail("invalid_token");
  const nowMs = ctx.now();
  const digest = hashToken(key).toHex();
  const { tokens, keyUses } = ctx.keys;
  const system = { ...ctx, actor: { kind: "system", job: "verify_api_key" } as const };
  const row = await inTransaction(system, ({ sql }) => selectUsableApiKey(sql, digest, nowMs));
  if (row === undefined) {
    tokens.refuse(key, nowMs + refusedForMs);
    return fail("invalid_token");
  }
  const checked = checkedOf(row, nowMs);
  tokens.accept(key, checked, Math.min(row.expires_at.getTime(), nowMs + acceptedForMs));
  keyUses.note(row.id);
  return checked;
}

/** A key does what its scopes name and its owner may still do. A stream has it looked at again as often as a token. */
function checkedOf(row: UsableApiKey, nowMs: number): CheckedToken {
  const held = new Set(permissionsOf(row.role, row.permissions));
  return {
    tokenId: row.id,
    person: {
      kind: "person",
      userId: row.user_id,
      sessionId: row.id,
      role: row.role,
      permissions: new Set(row.scopes.filter((scope) => held.has(scope))),
      expiresAtMs: Math.min(row.expires_at.getTime(), nowMs + accessTokenSeconds * secondMs),
      via: "api_key",
    },
  };
}
