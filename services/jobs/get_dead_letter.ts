import { fail } from "../../lib/errors.ts";
import { authorise } from "../authorise.ts";
import { asSystem, inTransaction, type Needs } from "../ctx.ts";
import type { DeadLetter } from "./schema.ts";
import { selectDeadLetter } from "./store/dead_letters.ts";
import { viewDeadLetter } from "./view_dead_letter.ts";

/** One message that was given up, and what became of its replay. Staff only; `not_found`. */
export async function getDeadLetter(
  ctx: Needs<"actor" | "database" | "log">,
  id: string,
): Promise<DeadLetter> {
  authorise(ctx, "jobs:read");
  const system = asSystem(ctx, "get_dead_letter");
  const row = await inTransaction(system, ({ sql }) => selectDeadLetter(sql, id));
  return viewDeadLetter(row ?? fail("not_found"));
}
