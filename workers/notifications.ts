import * as z from "zod";
import {
  applyReceipts,
  dispatchNotifications,
  notifyPerson,
} from "../services/notifications/mod.ts";
import { messageTypes } from "../services/preferences/mod.ts";
import { defineJob } from "./job.ts";

export const dispatchNotificationsJob = defineJob({
  kind: "long",
  name: "dispatch_notifications",
  about:
    "Sends messages that are due. A message on the way only wakes it; the rows say what is to do.",
  payload: z.object({}),
  retries: 3,
  timeLimitSeconds: 50,
  flowControl: { key: "dispatch_notifications", parallelism: 10 },
  slots: { rows: 500, max: 10 },
  // Makes up for wake-up calls that were lost.
  schedule: () => ({ everySeconds: 60 }),
  run: async (ctx) => void await dispatchNotifications(ctx),
});

export const applyReceiptsJob = defineJob({
  kind: "short",
  name: "apply_receipts",
  about: "Moves messages by what vendors reported.",
  payload: z.object({}),
  retries: 5,
  timeLimitSeconds: 30,
  schedule: () => ({ everySeconds: 60 }),
  run: (ctx) => applyReceipts(ctx),
});

export const notifyPersonJob = defineJob({
  kind: "short",
  name: "notify_person",
  about: "Tells a person something that another domain asked for.",
  payload: z.object({
    type: z.enum(messageTypes),
    data: z.record(z.string(), z.unknown()).default({}),
  }),
  retries: 5,
  timeLimitSeconds: 30,
  run: (ctx, { type, data }, { key, version }) =>
    notifyPerson(ctx, key, type, data, `${type}_${version}`),
});
