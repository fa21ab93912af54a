import { noteChange } from "../changes/mod.ts";
import type { InTransaction, Needs } from "../ctx.ts";

/**
 * Notes that a message has changed: as one of the person's messages over all channels, and as an item of their inbox
 * where it is one. That it is being sent at this moment is not noted, since its end follows at once.
 */
export function noteMessage(
  ctx: Needs<"now"> & Pick<InTransaction, "beforeCommit">,
  { id, userId }: { id: string; userId: string },
  { inInbox }: { inInbox: boolean },
): void {
  noteChange(ctx, { userId, kind: "notification", id, operation: "changed" });
  if (inInbox) noteChange(ctx, { userId, kind: "inbox_item", id, operation: "changed" });
}
