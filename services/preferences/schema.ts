import * as z from "zod";
import { isTimeZone } from "../../lib/time_zone.ts";
import { AnsweredInstant } from "../../lib/answered.ts";
import { channels, messageTypes, weekdays } from "./model/vocabulary.ts";

const TimeOfDay = z.string().regex(
  /^([01]\d|2[0-3]):[0-5]\d$/,
  "must be a time of day such as 22:00",
);

const TimeZone = z.string().max(64).refine(isTimeZone, "must be a time zone such as Europe/Berlin");

const QuietHours = z.strictObject({
  start: TimeOfDay,
  end: TimeOfDay,
  timeZone: TimeZone,
  /** The days on which the window opens. */
  days: z.array(z.enum(weekdays)).min(1).max(7).default([...weekdays]),
}).refine(({ start, end }) => start !== end, { path: ["end"], message: "must differ from start" });

const Digest = z.discriminatedUnion("mode", [
  z.strictObject({ mode: z.literal("off") }),
  z.strictObject({ mode: z.literal("hourly") }),
  z.strictObject({ mode: z.literal("daily"), at: TimeOfDay }),
  z.strictObject({ mode: z.literal("weekly"), at: TimeOfDay, day: z.enum(weekdays) }),
]);

const Matrix = z.partialRecord(
  z.enum(channels),
  z.partialRecord(z.enum(messageTypes), z.boolean()),
);

const Addresses = z.strictObject({
  email: z.email().max(254).optional(),
  sms: z.string().regex(/^\+[1-9]\d{6,14}$/, "must be a number in E.164, such as +4915112345678")
    .optional(),
});

/** What a person can set. Types that are not named keep their default. */
export const PreferencesInput = z.strictObject({
  channels: Matrix.default({}),
  quietHours: QuietHours.nullable().default(null),
  digest: Digest.default({ mode: "off" }),
  locale: z.string().regex(
    /^[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?$/,
    "must be a locale such as en-GB",
  )
    .default("en"),
  addresses: Addresses.default({}),
}).meta({
  id: "PreferencesInput",
  example: {
    channels: { email: { market_alert: true, digest: false } },
    quietHours: {
      start: "22:00",
      end: "07:00",
      timeZone: "Europe/Berlin",
      days: ["mon", "tue", "wed", "thu", "fri"],
    },
    digest: { mode: "daily", at: "08:00" },
    locale: "en",
    addresses: {},
  },
});
export type PreferencesInput = z.infer<typeof PreferencesInput>;
export type QuietHours = z.infer<typeof QuietHours>;

/** RFC 7396: what is named replaces, null takes away, the rest stays. Checked as a whole after it is merged. */
export const PreferencesPatch = z.record(z.string().max(40), z.unknown()).meta({
  id: "PreferencesPatch",
  description: "A JSON merge patch (RFC 7396) of PreferencesInput.",
  example: { quietHours: null },
});

const Address = z.object({
  address: z.string(),
  verified: z.boolean().describe("Until it is, mails go to the account's own address."),
});

/** The whole matrix as it is in force, defaults filled in. */
export const Preferences = z.object({
  version: z.int(),
  channels: z.record(z.enum(channels), z.record(z.enum(messageTypes), z.boolean())),
  quietHours: QuietHours.nullable(),
  digest: Digest,
  locale: z.string(),
  addresses: z.object({ email: Address.optional(), sms: Address.optional() }),
}).meta({ id: "Preferences" });
export type Preferences = z.infer<typeof Preferences>;

export const PreferencesChange = z.object({
  version: z.int(),
  changedAt: AnsweredInstant,
  changedBy: z.string(),
  document: PreferencesInput,
}).meta({ id: "PreferencesChange" });
export type PreferencesChange = z.infer<typeof PreferencesChange>;
