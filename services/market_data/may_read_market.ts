import { authorise } from "../authorise.ts";
import type { Needs } from "../ctx.ts";

/** Lets jobs and everybody with `quotes:read` through; `not_signed_in` or `forbidden` otherwise. */
export function mayReadMarket(ctx: Needs<"actor">): void {
  if (ctx.actor.kind !== "system") authorise(ctx, "quotes:read");
}
