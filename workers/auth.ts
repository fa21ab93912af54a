import * as z from "zod";
import {
  announceRevocations,
  deleteEndedSessions,
  deleteOldApiKeys,
  rotateSigningKeys,
} from "../services/auth/mod.ts";
import { defineJob } from "./job.ts";

const daySeconds = 86_400;
const rotateEverySeconds = 30 * daySeconds;

export const announceRevocationsJob = defineJob({
  kind: "short",
  name: "announce_revocations",
  about: "Tells every process which sessions have ended, after Redis was away at that moment.",
  payload: z.object({ sessionIds: z.array(z.uuid()).min(1) }),
  retries: 5,
  timeLimitSeconds: 30,
  run: (ctx, { sessionIds }) => announceRevocations(ctx, sessionIds),
});

export const rotateSigningKeysJob = defineJob({
  kind: "short",
  name: "rotate_signing_keys",
  about: "Lets the next key sign access tokens and makes another next one. Nobody is signed out.",
  payload: z.object({}),
  retries: 3,
  timeLimitSeconds: 30,
  schedule: () => ({ everySeconds: rotateEverySeconds }),
  run: async (ctx) => void await rotateSigningKeys(ctx),
});

export const deleteEndedSessionsJob = defineJob({
  kind: "short",
  name: "delete_ended_sessions",
  about: "Forgets sessions that ended a month ago.",
  payload: z.object({}),
  retries: 3,
  timeLimitSeconds: 30,
  schedule: () => ({ everySeconds: daySeconds, offsetSeconds: 3 * 3_600 }),
  run: async (ctx) => void await deleteEndedSessions(ctx),
});

export const deleteOldApiKeysJob = defineJob({
  kind: "short",
  name: "delete_old_api_keys",
  about: "Forgets API keys that ended three months ago.",
  payload: z.object({}),
  retries: 3,
  timeLimitSeconds: 30,
  schedule: () => ({ everySeconds: daySeconds, offsetSeconds: 3 * 3_600 }),
  run: async (ctx) => void await deleteOldApiKeys(ctx),
});
