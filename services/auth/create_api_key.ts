import { fail } from "../../lib/errors.ts";
import { dayMs, type EpochMs } from "../../lib/time.ts";
import { recordChange } from "../audit/mod.ts";
import { authoriseSignedIn } from "../authorise.ts";
import { inTransaction, type Needs } from "../ctx.ts";
import { formatApiKey, nameBytes, secretBytes } from "./model/api_key.ts";
import type { ApiKeyInput, NewApiKey } from "./schema.ts";
import { countLivingApiKeys, insertApiKey, lockApiKeysOf } from "./store.ts";
import { hashToken } from "./tokens.ts";
import { toApiKey } from "./view.ts";

const livingMax = 20;
const daysMax = 365;
const daysByDefault = 90;

type CreateNeeds = Needs<
  "actor" | "database" | "log" | "newId" | "now" | "origin" | "random" | "requestId"
>;

/**
 * Makes an API key for the person who asks. Its text is in the answer and nowhere else: only its digest is kept.
 * `forbidden` for a scope that the person does not have themselves.
 */
export async function createApiKey(ctx: CreateNeeds, input: ApiKeyInput): Promise<NewApiKey> {
  const { userId, permissions } = authoriseSignedIn(ctx);
  const beyond = input.scopes.filter((scope) => !permissions.has(scope));
  if (beyond.length > 0) fail("forbidden", { detail: `You may not do ${beyond.join(", ")}.` });
  const nowMs = ctx.now();
  const expiresAtMs = expiryOf(input, nowMs);
  const { key, prefix } = formatApiKey(ctx.random(nameBytes), ctx.random(secretBytes));
  return await inTransaction(ctx, async (tx) => {
    await lockApiKeysOf(tx.sql, userId);
    if (await countLivingApiKeys(tx.sql, userId, nowMs) >= livingMax) {
      fail("api_key_limit_reached", { detail: `At most ${livingMax} keys of one person live.` });
    }
    const row = await insertApiKey(tx.sql, {
      id: ctx.newId(),
      userId,
      name: input.name,
      prefix,
      digest: hashToken(key),
      scopes: input.scopes,
      nowMs,
      expiresAtMs,
    });
    await recordChange(tx, { action: "api_key.created", subjectId: userId, entityId: row.id });
    return { ...toApiKey(row), key };
  });
}

function expiryOf({ expiresAt, expiresInDays }: ApiKeyInput, nowMs: EpochMs): EpochMs {
  if (expiresAt === undefined) return nowMs + (expiresInDays ?? daysByDefault) * dayMs;
  const expiresAtMs = Date.parse(expiresAt);
  if (expiresAtMs > nowMs && expiresAtMs <= nowMs + daysMax * dayMs) return expiresAtMs;
  const message = `must lie ahead, by ${daysMax} days at most`;
  return fail("invalid_request", { errors: [{ path: "expiresAt", message }] });
}
