import * as z from "zod";
import { deleteIdempotencyKeys } from "../services/jobs/mod.ts";
import { defineJob } from "./job.ts";

const hourSeconds = 3_600;

export const deleteIdempotencyKeysJob = defineJob({
  kind: "long",
  name: "delete_idempotency_keys",
  about: "Forgets the answers that were kept for a day in case a request is sent again.",
  payload: z.object({}),
  retries: 3,
  timeLimitSeconds: 60,
  schedule: () => ({ everySeconds: hourSeconds, offsetSeconds: 17 * 60 }),
  run: async (ctx) => void await deleteIdempotencyKeys(ctx),
});
