import { fail } from "../../lib/errors.ts";
import { recordChange } from "../audit/mod.ts";
import { personExists } from "../auth/mod.ts";
import { authorise } from "../authorise.ts";
import { asSystem, inTransaction, type Needs } from "../ctx.ts";
import { requestNotification, type Wanted } from "./request_notification.ts";
import type { Accepted, NotificationInput } from "./schema.ts";

type SendNeeds = Needs<
  "actor" | "database" | "live" | "log" | "newId" | "now" | "origin" | "queue" | "requestId"
>;

/**
 * Asks for a message to one person or several, for staff and services. Nobody gets it where one of them is unknown.
 * All of its messages are found under one id; where everybody had it under the same key before, under that one's.
 */
export async function sendNotification(
  ctx: SendNeeds,
  input: NotificationInput,
): Promise<Accepted> {
  authorise(ctx, "notifications:write");
  const userIds = typeof input.to === "string" ? [input.to] : [...new Set(input.to)];
  const requestId = ctx.newId();
  return await inTransaction(asSystem(ctx, "send_notification"), async (tx) => {
    const requestIds = new Set<string>();
    for (const userId of userIds) {
      if (!await personExists(tx, userId)) {
        fail("not_found", { detail: `Nobody has the id ${userId}.` });
      }
      requestIds.add(await requestNotification(tx, wantedOf(input, userId, requestId)));
    }
    const isNew = requestIds.has(requestId);
    // The product writes the messages; who asked for them is what the audit is for.
    const asked = { action: "notification.requested", entityId: requestId };
    if (isNew) await recordChange({ ...tx, actor: ctx.actor }, asked);
    const [first = requestId] = requestIds;
    return { id: isNew ? requestId : first, recipients: userIds.length };
  });
}

function wantedOf(input: NotificationInput, userId: string, requestId: string): Wanted {
  const { to: _, sendAt, expiresAt, ...rest } = input;
  return {
    ...rest,
    userId,
    requestId,
    sendAtMs: sendAt === undefined ? undefined : Date.parse(sendAt),
    expiresAtMs: expiresAt === undefined ? undefined : Date.parse(expiresAt),
  };
}
