import { fail } from "../../lib/errors.ts";
import { authoriseSignedIn } from "../authorise.ts";
import { inTransaction, type Needs } from "../ctx.ts";
import type { ApiKey } from "./schema.ts";
import { selectApiKey } from "./store.ts";
import { toApiKey } from "./view.ts";

/** One of the caller's API keys, without the key itself. */
export async function getApiKey(
  ctx: Needs<"actor" | "database" | "log">,
  id: string,
): Promise<ApiKey> {
  const { userId } = authoriseSignedIn(ctx);
  const row = await inTransaction(ctx, ({ sql }) => selectApiKey(sql, userId, id));
  return toApiKey(row ?? fail("not_found"));
}
