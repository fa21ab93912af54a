import { type Page, type PageInput, pageOf, placeOfId } from "../../lib/page.ts";
import { authoriseSignedIn } from "../authorise.ts";
import { inTransaction, type Needs } from "../ctx.ts";
import type { ApiKey } from "./schema.ts";
import { selectApiKeys } from "./store.ts";
import { toApiKey } from "./view.ts";

/** The caller's API keys, latest first; revoked and expired ones for as long as they are kept. */
export async function listApiKeys(
  ctx: Needs<"actor" | "database" | "log">,
  { cursor, limit }: PageInput,
): Promise<Page<ApiKey>> {
  const { userId } = authoriseSignedIn(ctx);
  const rows = await inTransaction(
    ctx,
    ({ sql }) => selectApiKeys(sql, userId, placeOfId(cursor), limit + 1),
  );
  return pageOf(rows, limit, toApiKey, ({ id }) => id);
}
