import type { ZonedTime } from "../../../lib/zoned_time.ts";
import { type EpochMs, toInstant } from "../../../lib/time.ts";
import {
  type Channel,
  type MessageType,
  type Preferences,
  quietUntil,
} from "../../preferences/model/mod.ts";
import type { Priority, Status } from "../schema.ts";

export interface Situation {
  type: MessageType;
  channel: Channel;
  priority: Priority;
  sendAtMs?: EpochMs;
  expiresAtMs?: EpochMs;
  nowMs: EpochMs;
  preferences: Preferences;
  /** Why this address must not be written to; undefined where nothing stands against it. */
  suppressedBecause: string | undefined;
  hasTemplate: boolean;
  zoned: ZonedTime;
}

/** What becomes of a message, and why, in a sentence that the person can read. */
export interface Decision {
  status: Extract<Status, "suppressed" | "expired" | "scheduled" | "held" | "queued">;
  reason: string;
  atMs: EpochMs;
}

/**
 * Whether, and when, a message goes over a channel. The order of authority: the law and the suppression list, then
 * the person, then the type's default. Critical messages pass quiet hours, never a preference.
 */
export function decide(situation: Situation): Decision {
  const { channel, type, nowMs, preferences: { quietHours } } = situation;
  const refusal = refuse(situation);
  if (refusal) return { status: "suppressed", reason: refusal, atMs: nowMs };
  if (situation.expiresAtMs !== undefined && situation.expiresAtMs <= nowMs) {
    const until = toInstant(situation.expiresAtMs);
    return { status: "expired", reason: `of no use after ${until}`, atMs: nowMs };
  }
  const wantedMs = Math.max(nowMs, situation.sendAtMs ?? nowMs);
  // What is in the app waits there without a sound.
  const disturbs = situation.priority !== "critical" && channel !== "in_app";
  const quietMs = disturbs ? quietUntil(quietHours, wantedMs, situation.zoned) : undefined;
  if (quietHours && quietMs !== undefined) {
    const reason = `quiet hours until ${quietHours.end} ${quietHours.timeZone}`;
    return { status: "held", reason, atMs: quietMs };
  }
  if (wantedMs > nowMs) {
    return { status: "scheduled", reason: `asked for at ${toInstant(wantedMs)}`, atMs: wantedMs };
  }
  return { status: "queued", reason: `${channel} is on for ${type}`, atMs: nowMs };
}

function refuse(situation: Situation): string | undefined {
  const { channel, type, preferences } = situation;
  if (situation.suppressedBecause) return situation.suppressedBecause;
  if (!preferences.channels[channel][type]) return `${channel} is off for ${type}`;
  if (!situation.hasTemplate) return `there is no ${channel} text for ${type}`;
  return undefined;
}
