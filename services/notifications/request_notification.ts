import type { EpochMs } from "../../lib/time.ts";
import type { InTransaction, Needs } from "../ctx.ts";
import { type Channel, channels, type MessageType } from "../preferences/mod.ts";
import { enqueueDispatch } from "./enqueue_dispatch.ts";
import { loadRecipient, type Recipient } from "./load_recipient.ts";
import { decide } from "./model/mod.ts";
import { noteMessage } from "./note_message.ts";
import { checkVariables, renderItem } from "./render.ts";
import { priorities, type Priority, type Status } from "./schema.ts";
import {
  insertEvent,
  insertNotification,
  lockDedupeKey,
  type NewNotification,
  selectRequest,
} from "./store.ts";
import { hasTemplate } from "./templates/mod.ts";

/** A message that somebody wants a person to get. */
export interface Wanted {
  userId: string;
  type: MessageType;
  data: Record<string, unknown>;
  /** All channels that the person has switched on, unless given. */
  channels?: readonly Channel[];
  priority?: Priority;
  sendAtMs?: EpochMs;
  expiresAtMs?: EpochMs;
  /** One message per person, type and key, whatever is delivered twice. */
  dedupeKey?: string;
  /** Where one request is for several people. */
  requestId?: string;
}

export type RequestNeeds =
  & Needs<"actor" | "database" | "live" | "log" | "newId" | "now" | "queue">
  & InTransaction;

/**
 * Asks for a message to a person inside the caller's transaction: what is decided for each channel, and why, is
 * written with the fact that caused it, so that a crash loses or doubles neither. `invalid_request` where a variable
 * of the text is missing.
 *
 * @returns the id under which all of its channels can be found; of the first request where the key was used before
 */
export async function requestNotification(ctx: RequestNeeds, wanted: Wanted): Promise<string> {
  checkVariables(wanted.type, wanted.data);
  const earlierId = await findEarlier(ctx, wanted);
  if (earlierId !== undefined) return earlierId;
  const requestId = wanted.requestId ?? ctx.newId();
  const recipient = await loadRecipient(ctx, wanted.userId);
  for (const channel of wanted.channels ?? channels) {
    await place(ctx, requestId, channel, wanted, recipient);
  }
  return requestId;
}

async function findEarlier(
  { sql }: RequestNeeds,
  { userId, type, dedupeKey }: Wanted,
): Promise<string | undefined> {
  if (dedupeKey === undefined) return undefined;
  const [, earlierId] = await Promise.all([
    lockDedupeKey(sql, userId, type, dedupeKey),
    selectRequest(sql, userId, type, dedupeKey),
  ]);
  return earlierId;
}

async function place(
  ctx: RequestNeeds,
  requestId: string,
  channel: Channel,
  wanted: Wanted,
  recipient: Recipient,
): Promise<void> {
  const { userId, type, data, priority = "normal", sendAtMs, expiresAtMs } = wanted;
  const nowMs = ctx.now();
  const { status, reason, atMs } = decide({
    type,
    channel,
    priority,
    sendAtMs,
    expiresAtMs,
    nowMs,
    preferences: recipient.preferences,
    suppressedBecause: channel === "email" ? recipient.mailSuppressedBecause : undefined,
    hasTemplate: hasTemplate(type, channel),
    zoned: recipient.zoned,
  });
  const row = {
    id: ctx.newId(),
    requestId,
    userId,
    type,
    channel,
    priority: priorities.indexOf(priority),
    status,
    data,
    dedupeKey: wanted.dedupeKey,
    createdAtMs: nowMs,
    expiresAtMs,
    nextAttemptAtMs: atMs,
  };
  if (channel === "in_app" && status === "queued") {
    return await placeInInbox(ctx, row, recipient, reason);
  }
  noteMessage(ctx, row, { inInbox: false });
  const waits = status === "queued" || status === "held" || status === "scheduled";
  // Sent together and run in this order: a round trip each is most of what asking costs.
  await Promise.all([
    insertNotification(ctx.sql, row),
    note(ctx, row, status, reason),
    waits && enqueueDispatch(ctx, row.id, 1, atMs),
  ]);
}

/** What is in the app is delivered by being there. */
async function placeInInbox(
  ctx: RequestNeeds,
  row: NewNotification,
  { account }: Recipient,
  reason: string,
): Promise<void> {
  const item = await renderItem(row.type, row.data, account);
  await Promise.all([
    insertNotification(ctx.sql, { ...row, ...item, status: "delivered" }),
    note(ctx, row, "queued", reason),
    note(ctx, row, "delivered", "placed in the inbox"),
  ]);
  noteMessage(ctx, row, { inInbox: true });
  ctx.afterCommit(() =>
    ctx.live.publish(`inbox:${row.userId}`, { id: row.id, type: row.type, ...item })
  );
}

async function note(
  ctx: RequestNeeds,
  { id, userId }: NewNotification,
  status: Status,
  reason: string,
): Promise<void> {
  await insertEvent(ctx.sql, {
    id: ctx.newId(),
    notificationId: id,
    userId,
    atMs: ctx.now(),
    status,
    reason,
    moved: true,
  });
}
