import { authoriseSystem } from "../authorise.ts";
import { findContact } from "../auth/mod.ts";
import type { MessageType } from "../preferences/mod.ts";
import { type RequestNeeds, requestNotification } from "./request_notification.ts";

/** Tells a person something that another domain asked for by job. The person's own name is there for the text. */
export async function notifyPerson(
  ctx: RequestNeeds,
  userId: string,
  type: MessageType,
  data: Record<string, unknown>,
  dedupeKey: string,
): Promise<void> {
  authoriseSystem(ctx);
  const { name } = await findContact(ctx, userId);
  await requestNotification(ctx, { userId, type, data: { name, ...data }, dedupeKey });
}
