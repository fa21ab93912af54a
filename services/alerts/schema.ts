import * as z from "zod";
import { AnsweredDecimal, AnsweredInstant } from "../../lib/answered.ts";
import { ChosenId } from "../../lib/chosen_id.ts";
import { Instant } from "../../lib/instant.ts";
import { isSymbol } from "../market_data/mod.ts";
import { channels } from "../preferences/mod.ts";

const Level = z.string().regex(
  /^(?!0(\.0+)?$)(0|[1-9]\d{0,11})(\.\d{1,8})?$/,
  "must be a price above zero such as 200.00",
);

const Repeat = z.discriminatedUnion("mode", [
  z.strictObject({ mode: z.literal("once") }),
  z.strictObject({ mode: z.literal("rearm") }),
  z.strictObject({ mode: z.literal("cooldown"), seconds: z.int().min(60).max(2_592_000) }),
]);

/** What of an alert a person sets, and may change later. */
export const AlertSettings = z.strictObject({
  direction: z.enum(["above", "below"]),
  level: Level,
  channels: z.array(z.enum(channels)).min(1)
    .refine((names) => new Set(names).size === names.length, "must not repeat itself")
    .default(["email", "in_app"]),
  repeat: Repeat.default({ mode: "once" }),
  expiresAt: Instant.nullable().default(null),
  note: z.string().max(500).default(""),
  enabled: z.boolean().default(true),
});
export type AlertSettings = z.infer<typeof AlertSettings>;

/** An alert on the last price of a symbol. */
export const AlertInput = AlertSettings.extend({
  id: ChosenId.optional(),
  kind: z.literal("price", "only price alerts can be set now"),
  symbol: z.string().refine(isSymbol, "must be a symbol such as AAPL or BTC-USD"),
}).meta({
  id: "AlertInput",
  example: {
    kind: "price",
    symbol: "AAPL",
    direction: "above",
    level: "200.00",
    repeat: { mode: "cooldown", seconds: 300 },
    channels: ["email", "in_app"],
  },
});
export type AlertInput = z.infer<typeof AlertInput>;

/** RFC 7396: what is named replaces, null takes back to the default. Checked as a whole after it is merged. */
export const AlertPatch = z.record(z.string().max(40), z.unknown()).meta({
  id: "AlertPatch",
  description: "A JSON merge patch (RFC 7396) of direction, level, channels, repeat, expiresAt, " +
    "note and enabled.",
  example: { level: "210.00" },
});
export type AlertPatch = z.infer<typeof AlertPatch>;

export const Alert = z.object({
  id: z.uuid(),
  version: z.int(),
  kind: z.literal("price"),
  symbol: z.string(),
  direction: z.enum(["above", "below"]),
  level: AnsweredDecimal,
  channels: z.array(z.enum(channels)),
  repeat: Repeat,
  expiresAt: AnsweredInstant.nullable(),
  note: z.string(),
  enabled: z.boolean(),
  armed: z.boolean().describe("False after it fired, until it can fire again."),
  firedCount: z.int(),
  lastFiredAt: AnsweredInstant.nullable(),
  createdAt: AnsweredInstant,
}).meta({ id: "Alert" });
export type Alert = z.infer<typeof Alert>;

/** How a person's alerts stand. */
export const AlertSummary = z.object({
  active: z.int().meta({ description: "How many are switched on and not over." }),
  lastFired: z.array(Alert).meta({ description: "Those that fired last, the latest first." }),
}).meta({ id: "AlertSummary" });
export type AlertSummary = z.infer<typeof AlertSummary>;

export const AlertEvent = z.object({
  id: z.uuid(),
  at: AnsweredInstant,
  price: AnsweredDecimal,
  level: AnsweredDecimal,
  source: z.string(),
  asOf: AnsweredInstant,
  notificationRequestId: z.uuid().nullable(),
  acknowledgedAt: AnsweredInstant.nullable(),
}).meta({ id: "AlertEvent" });
export type AlertEvent = z.infer<typeof AlertEvent>;
