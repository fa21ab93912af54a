import { fail } from "../../lib/errors.ts";
import { recordChange } from "../audit/mod.ts";
import { authoriseSignedIn } from "../authorise.ts";
import { inTransaction, type Needs } from "../ctx.ts";
import { announceRevoked } from "./revoke.ts";
import type { ApiKey } from "./schema.ts";
import { markApiKeyRevoked, selectApiKey } from "./store.ts";
import { toApiKey } from "./view.ts";

type RevokeNeeds = Needs<
  "actor" | "database" | "keys" | "log" | "newId" | "now" | "origin" | "queue" | "requestId"
>;

/** Ends an API key of the caller's, in every process within a second. A second time changes nothing. */
export async function revokeApiKey(ctx: RevokeNeeds, id: string): Promise<ApiKey> {
  const { userId } = authoriseSignedIn(ctx);
  return await inTransaction(ctx, async (tx) => {
    if (await markApiKeyRevoked(tx.sql, userId, id, ctx.now())) {
      await recordChange(tx, { action: "api_key.revoked", subjectId: userId, entityId: id });
      await announceRevoked(tx, [id]);
    }
    return toApiKey(await selectApiKey(tx.sql, userId, id) ?? fail("not_found"));
  });
}
