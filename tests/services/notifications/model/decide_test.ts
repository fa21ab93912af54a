import assert from "node:assert/strict";
import { loadZonedTime } from "../../../../lib/zoned_time.ts";
import { decide, type Situation } from "../../../../services/notifications/model/mod.ts";
import { inForce } from "../../../../services/preferences/model/mod.ts";
import { PreferencesInput } from "../../../../services/preferences/schema.ts";

const zoned = await loadZonedTime();
const account = { email: "ada@example.com", emailVerified: true };
const nightly = { start: "22:00", end: "07:00", timeZone: "Europe/Berlin" };
/** Noon in Berlin. */
const noonMs = Date.parse("2026-01-15T11:00:00Z");
/** An hour before midnight in Berlin. */
const nightMs = Date.parse("2026-01-15T22:00:00Z");

interface Case {
  what: string;
  /** What the person has set. */
  person?: Record<string, unknown>;
  situation?: Partial<Situation>;
  answer: string;
  reason: RegExp;
  at?: string;
}

const off = { channels: { email: { market_alert: false } } };
const suppressedBecause = "address suppressed after a hard bounce on 2026-01-01";

const cases: Case[] = [
  { what: "by default", answer: "queued", reason: /^email is on for market_alert$/ },

  // The law and the suppression list stand above the person, and the person above everything else.
  {
    what: "a dead address, though the person wants it",
    person: { channels: { email: { market_alert: true } } },
    situation: { suppressedBecause },
    answer: "suppressed",
    reason: /hard bounce on 2026-01-01/,
  },
  {
    what: "a dead address, however urgent",
    situation: { suppressedBecause, priority: "critical", nowMs: nightMs },
    answer: "suppressed",
    reason: /hard bounce/,
  },
  {
    what: "a dead address and switched off: the higher authority is named",
    person: off,
    situation: { suppressedBecause },
    answer: "suppressed",
    reason: /hard bounce/,
  },
  {
    what: "switched off",
    person: off,
    answer: "suppressed",
    reason: /^email is off for market_alert$/,
  },
  {
    what: "switched off, however urgent",
    person: off,
    situation: { priority: "critical" },
    answer: "suppressed",
    reason: /off/,
  },
  {
    what: "off by default",
    situation: { channel: "sms" },
    answer: "suppressed",
    reason: /^sms is off for market_alert$/,
  },
  {
    what: "on by the person's word, and nothing to say",
    person: { channels: { sms: { market_alert: true } } },
    situation: { channel: "sms", hasTemplate: false },
    answer: "suppressed",
    reason: /^there is no sms text for market_alert$/,
  },
  {
    what: "switched off, and nothing to say: the person is named",
    person: off,
    situation: { hasTemplate: false },
    answer: "suppressed",
    reason: /off/,
  },

  // Quiet hours.
  {
    what: "at noon",
    person: { quietHours: nightly },
    answer: "queued",
    reason: /on/,
  },
  {
    what: "at night",
    person: { quietHours: nightly },
    situation: { nowMs: nightMs },
    answer: "held",
    reason: /^quiet hours until 07:00 Europe\/Berlin$/,
    at: "2026-01-16T06:00:00.000Z",
  },
  {
    what: "at night, with high priority",
    person: { quietHours: nightly },
    situation: { nowMs: nightMs, priority: "high" },
    answer: "held",
    reason: /quiet/,
    at: "2026-01-16T06:00:00.000Z",
  },
  {
    what: "at night, critical",
    person: { quietHours: nightly },
    situation: { nowMs: nightMs, priority: "critical" },
    answer: "queued",
    reason: /on/,
  },
  {
    what: "at night, in the app, where it makes no sound",
    person: { quietHours: nightly },
    situation: { nowMs: nightMs, channel: "in_app" },
    answer: "queued",
    reason: /^in_app is on for market_alert$/,
  },
  {
    what: "switched off at night",
    person: { ...off, quietHours: nightly },
    situation: { nowMs: nightMs },
    answer: "suppressed",
    reason: /off/,
  },

  // Asked for at a later moment.
  {
    what: "for the afternoon",
    situation: { sendAtMs: noonMs + 3_600_000 },
    answer: "scheduled",
    reason: /^asked for at 2026-01-15T12:00:00.000Z$/,
    at: "2026-01-15T12:00:00.000Z",
  },
  {
    what: "for a moment that has passed",
    situation: { sendAtMs: noonMs - 1 },
    answer: "queued",
    reason: /on/,
  },
  {
    what: "for the night, from noon",
    person: { quietHours: nightly },
    situation: { sendAtMs: nightMs },
    answer: "held",
    reason: /quiet/,
    at: "2026-01-16T06:00:00.000Z",
  },
  {
    what: "for the morning, from the night",
    person: { quietHours: nightly },
    situation: { nowMs: nightMs, sendAtMs: Date.parse("2026-01-16T07:00:00Z") },
    answer: "scheduled",
    reason: /asked for/,
    at: "2026-01-16T07:00:00.000Z",
  },
  {
    what: "in the app, at a later moment",
    situation: { channel: "in_app", sendAtMs: noonMs + 60_000 },
    answer: "scheduled",
    reason: /asked for/,
    at: "2026-01-15T11:01:00.000Z",
  },

  // Of no use any more.
  {
    what: "too late",
    situation: { expiresAtMs: noonMs },
    answer: "expired",
    reason: /^of no use after 2026-01-15T11:00:00.000Z$/,
  },
  { what: "just in time", situation: { expiresAtMs: noonMs + 1 }, answer: "queued", reason: /on/ },
  {
    what: "too late and switched off",
    person: off,
    situation: { expiresAtMs: noonMs },
    answer: "suppressed",
    reason: /off/,
  },
];

Deno.test("decide() follows law, person, type and system in that order, and says which of them it was", () => {
  for (const { what, person = {}, situation, answer, reason, at } of cases) {
    const nowMs = situation?.nowMs ?? noonMs;
    const decision = decide({
      type: "market_alert",
      channel: "email",
      priority: "normal",
      preferences: inForce(1, PreferencesInput.parse(person), account),
      suppressedBecause: undefined,
      hasTemplate: true,
      zoned,
      ...situation,
      nowMs,
    });
    assert.equal(decision.status, answer, what);
    assert.match(decision.reason, reason, what);
    assert.equal(
      new Date(decision.atMs).toISOString(),
      at ?? new Date(nowMs).toISOString(),
      what,
    );
  }
});
