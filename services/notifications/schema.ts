import * as z from "zod";
import { AnsweredInstant } from "../../lib/answered.ts";
import { Instant } from "../../lib/instant.ts";
import { channels, messageTypes } from "../preferences/mod.ts";

/** Every state of a message to one person over one channel. */
export const statuses = [
  "requested",
  "suppressed",
  "scheduled",
  "held",
  "queued",
  "sending",
  "sent",
  "delivered",
  "opened",
  "clicked",
  "failed",
  "dead",
  "bounced",
  "complained",
  "unsubscribed",
  "cancelled",
  "expired",
] as const;
export type Status = (typeof statuses)[number];

export const priorities = ["critical", "high", "normal", "low"] as const;
export type Priority = (typeof priorities)[number];

const Data = z.record(
  z.string().max(60),
  z.union([z.string().max(2_000), z.number(), z.boolean(), z.null()]),
);

const Channels = z.array(z.enum(channels)).min(1)
  .refine((names) => new Set(names).size === names.length, "must not repeat itself");

/** A message that staff or a service asks for. */
export const NotificationInput = z.strictObject({
  to: z.union([z.uuid(), z.array(z.uuid()).min(1).max(100)]),
  type: z.enum(messageTypes),
  data: Data.default({}),
  channels: Channels.optional(),
  priority: z.enum(priorities).default("normal"),
  sendAt: Instant.optional(),
  expiresAt: Instant.optional(),
  dedupeKey: z.string().min(1).max(200).optional(),
}).meta({
  id: "NotificationInput",
  example: {
    to: "0190d7a4-8f00-7000-8000-000000000001",
    type: "plan_ready",
    data: {
      planName: "Retire at 65",
      planId: "0190d7a4-8f00-7000-8000-000000000002",
      successPercent: 81,
    },
  },
});
export type NotificationInput = z.infer<typeof NotificationInput>;

/** Under `id` the messages of the request are found: `GET /v1/notifications?requestId=`. */
export const Accepted = z.object({ id: z.uuid(), recipients: z.int() }).meta({
  id: "NotificationAccepted",
});
export type Accepted = z.infer<typeof Accepted>;

export const Notification = z.object({
  id: z.uuid(),
  requestId: z.uuid(),
  userId: z.uuid(),
  type: z.string(),
  channel: z.enum(channels),
  priority: z.enum(priorities),
  status: z.enum(statuses),
  createdAt: AnsweredInstant,
  provider: z.string().nullable(),
}).meta({ id: "Notification" });
export type Notification = z.infer<typeof Notification>;

/** One step of a message's life, in words that a person understands. */
const TraceStep = z.object({
  at: AnsweredInstant,
  status: z.string(),
  reason: z.string(),
  provider: z.string().nullable(),
  providerMessageId: z.string().nullable(),
  moved: z.boolean().describe("False where a late or repeated report changed nothing."),
}).meta({ id: "TraceStep" });
export type TraceStep = z.infer<typeof TraceStep>;

export const Trace = z.object({ notification: Notification, steps: z.array(TraceStep) }).meta({
  id: "Trace",
});
export type Trace = z.infer<typeof Trace>;

export const InboxItem = z.object({
  id: z.uuid(),
  type: z.string(),
  title: z.string(),
  body: z.string(),
  data: z.record(z.string(), z.unknown()),
  createdAt: AnsweredInstant,
  readAt: AnsweredInstant.nullable(),
  archivedAt: AnsweredInstant.nullable(),
}).meta({ id: "InboxItem" });
export type InboxItem = z.infer<typeof InboxItem>;

export const InboxSelection = z.union([
  z.strictObject({ ids: z.array(z.uuid()).min(1).max(100) }),
  z.strictObject({ all: z.literal(true) }),
]).meta({ id: "InboxSelection", example: { all: true } });
export type InboxSelection = z.infer<typeof InboxSelection>;
