import {
  createdCursor,
  type Page,
  type PageInput,
  pageOf,
  placeOfCreated,
} from "../../lib/page.ts";
import { authorise } from "../authorise.ts";
import { asSystem, inTransaction, type Needs } from "../ctx.ts";
import { letterFilter } from "./letter_filter.ts";
import type { DeadLetter, DeadLetterFilter } from "./schema.ts";
import { selectDeadLetters } from "./store/dead_letters.ts";
import { viewDeadLetter } from "./view_dead_letter.ts";

/** Messages that were given up, latest first. Staff only; `invalid_request` for a cursor that is none of ours. */
export async function listDeadLetters(
  ctx: Needs<"actor" | "database" | "log">,
  filter: DeadLetterFilter & PageInput,
): Promise<Page<DeadLetter>> {
  authorise(ctx, "jobs:read");
  const after = placeOfCreated(filter.cursor);
  const rows = await inTransaction(
    asSystem(ctx, "list_dead_letters"),
    ({ sql }) => selectDeadLetters(sql, letterFilter(filter), after, filter.limit + 1),
  );
  return pageOf(rows, filter.limit, viewDeadLetter, createdCursor);
}
