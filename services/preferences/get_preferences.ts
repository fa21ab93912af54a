import { authorise } from "../authorise.ts";
import type { Needs } from "../ctx.ts";
import { type PrivateDocument, readPrivateDocument } from "../private_document.ts";

type GetNeeds = Needs<"actor" | "database" | "log" | "memory" | "now" | "redis">;

/** The caller's own preferences, ready to be sent; a plain value when memory has them. */
export function getPreferences(ctx: GetNeeds): PrivateDocument | Promise<PrivateDocument> {
  const { userId } = authorise(ctx, "preferences:read");
  return readPrivateDocument(ctx, preferencesKey(userId), async () => {
    const { loadPreferences } = await import("./load_preferences.ts");
    const { preferences } = await loadPreferences(ctx, userId);
    return { body: JSON.stringify(preferences), etag: `"${preferences.version}"` };
  });
}

export function preferencesKey(userId: string): string {
  return `preferences:${userId}`;
}
