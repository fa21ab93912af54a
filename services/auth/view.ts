import { toInstant } from "../../lib/time.ts";
import type { ApiKey } from "./schema.ts";
import type { ApiKeyRow } from "./store.ts";

export function toApiKey(row: ApiKeyRow): ApiKey {
  return {
    id: row.id,
    name: row.name,
    prefix: row.prefix,
    scopes: row.scopes,
    createdAt: toInstant(row.created_at),
    expiresAt: toInstant(row.expires_at),
    lastUsedAt: row.last_used_at && toInstant(row.last_used_at),
    revokedAt: row.revoked_at && toInstant(row.revoked_at),
  };
}
