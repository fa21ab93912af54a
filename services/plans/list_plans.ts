import {
  createdCursor,
  type Page,
  type PageInput,
  pageOf,
  placeOfCreated,
} from "../../lib/page.ts";
import { authorise } from "../authorise.ts";
import { inTransaction, type Needs } from "../ctx.ts";
import type { Plan } from "./documents.ts";
import { selectPlans } from "./store.ts";
import { toPlan } from "./view.ts";

/** The caller's plans, latest first. */
export async function listPlans(
  ctx: Needs<"actor" | "database" | "log">,
  { cursor, limit }: PageInput,
): Promise<Page<Plan>> {
  const { userId } = authorise(ctx, "plans:read");
  const after = placeOfCreated(cursor);
  const rows = await inTransaction(ctx, ({ sql }) => selectPlans(sql, userId, after, limit + 1));
  return pageOf(rows, limit, toPlan, createdCursor);
}
