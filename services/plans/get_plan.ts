import { authorise } from "../authorise.ts";
import type { Needs } from "../ctx.ts";
import { type PrivateDocument, readPrivateDocument } from "../private_document.ts";

type GetNeeds = Needs<"actor" | "database" | "log" | "memory" | "now" | "redis">;

/** One of the caller's plans as it is now, ready to be sent; a plain value when memory has it. */
export function getPlan(ctx: GetNeeds, id: string): PrivateDocument | Promise<PrivateDocument> {
  const { userId } = authorise(ctx, "plans:read");
  return readPrivateDocument(ctx, planKey(userId, id), async () => {
    const { loadPlan } = await import("./load_plan.ts");
    const plan = await loadPlan(ctx, userId, id);
    return { body: JSON.stringify(plan), etag: `"${plan.version}"` };
  });
}

/** An id may be written in capitals; it is the same plan, and a change of it must reach what is kept of it. */
export function planKey(userId: string, id: string): string {
  return `plan:${userId}:${id.toLowerCase()}`;
}
