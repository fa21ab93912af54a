import { fail } from "../../lib/errors.ts";
import { fieldErrorsOf } from "../../lib/field_errors.ts";
import { mergePatch } from "../../lib/merge_patch.ts";
import type { PlanNeeds } from "./create_plan.ts";
import type { Plan } from "./documents.ts";
import { planInputs } from "./schema.ts";
import { writeVersion } from "./write_version.ts";

/** Merges a JSON merge patch (RFC 7396) into a plan; what comes out must be a whole plan, and is its next version. */
export async function changePlan(
  ctx: PlanNeeds,
  id: string,
  patch: Record<string, unknown>,
  expected: number | undefined,
): Promise<Plan> {
  return await writeVersion(ctx, id, expected, ({ inputs }) => {
    const merged = planInputs.safeParse(mergePatch(inputs, patch));
    if (merged.success) return merged.data;
    return fail("invalid_request", { errors: fieldErrorsOf(merged.error.issues) });
  });
}
