import * as z from "zod";
import { deleteOldNotes } from "../services/ops/mod.ts";
import { defineJob } from "./job.ts";

export const deleteOldNotesJob = defineJob({
  kind: "short",
  name: "delete_old_notes",
  about:
    "Forgets system events of three months ago and errors resolved and unseen for half a year.",
  payload: z.object({}),
  retries: 3,
  timeLimitSeconds: 30,
  schedule: () => ({ everySeconds: 86_400, offsetSeconds: 4 * 3_600 }),
  run: async (ctx) => {
    ctx.log.info("old notes deleted", await deleteOldNotes(ctx));
  },
});
