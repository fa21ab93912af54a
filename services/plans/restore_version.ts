import { fail } from "../../lib/errors.ts";
import type { PlanNeeds } from "./create_plan.ts";
import type { Plan } from "./documents.ts";
import { selectPlanVersion } from "./store.ts";
import { writeVersion } from "./write_version.ts";

/** Makes an earlier version the plan's next one, to the byte. */
export async function restoreVersion(
  ctx: PlanNeeds,
  id: string,
  number: number,
  expected: number | undefined,
): Promise<Plan> {
  return await writeVersion(ctx, id, expected, async (present, { sql }) => {
    const version = await selectPlanVersion(sql, present.user_id, id, number) ?? fail("not_found");
    return version.inputs;
  });
}
