import { changeErrorState, type ChangeNeeds } from "./change_error_state.ts";
import type { ErrorGroup } from "./schema.ts";

/** Says that a group of errors is dealt with. Should it occur again, it opens by itself. Staff only; `not_found`. */
export async function resolveError(ctx: ChangeNeeds, id: string): Promise<ErrorGroup> {
  return await changeErrorState(ctx, id, "resolved");
}
