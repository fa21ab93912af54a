import { getChanges } from "../../../services/changes/mod.ts";
import type { Change } from "../../../services/changes/schema.ts";
import { asSystem, type Ctx, type Person } from "../../../services/ctx.ts";
import type { SignedUp, TestApp } from "../../support/app.ts";
import { allPermissions } from "../../support/tokens.ts";

export function systemCtx(app: TestApp): Ctx {
  return asSystem(app.deps.context("test", { address: "", userAgent: "" }), "test");
}

export function personCtx(app: TestApp, { userId }: Pick<SignedUp, "userId">): Ctx {
  const actor: Person = {
    kind: "person",
    userId,
    sessionId: userId,
    role: "client",
    permissions: new Set(allPermissions),
    expiresAtMs: Infinity,
  };
  return { ...app.deps.context("test", { address: "", userAgent: "" }), actor };
}

/** All that a reader finds after a place, page by page, and the place where they are then. */
export async function readOn(
  ctx: Ctx,
  since?: string,
  limit = 100,
): Promise<{ items: Change[]; since: string }> {
  const items: Change[] = [];
  while (true) {
    const feed = await getChanges(ctx, { since, limit });
    items.push(...feed.items);
    since = feed.nextCursor;
    if (!feed.hasMore) return { items, since };
  }
}
