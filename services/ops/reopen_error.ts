import { changeErrorState, type ChangeNeeds } from "./change_error_state.ts";
import type { ErrorGroup } from "./schema.ts";

/** Takes back that a group of errors is dealt with. Staff only; `not_found`. */
export async function reopenError(ctx: ChangeNeeds, id: string): Promise<ErrorGroup> {
  return await changeErrorState(ctx, id, "open");
}
