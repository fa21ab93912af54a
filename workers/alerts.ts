import * as z from "zod";
import { judgeAlerts } from "../services/alerts/mod.ts";
import { defineJob } from "./job.ts";

export const judgeAlertsJob = defineJob({
  kind: "long",
  name: "judge_alerts",
  about: "Judges alerts by the present prices and tells people what fired.",
  payload: z.object({}),
  retries: 0,
  timeLimitSeconds: 50,
  flowControl: { key: "judge_alerts", parallelism: 1 },
  // Prices of a moment that has passed are of no use: the next slot judges by those of its own.
  schedule: (settings) => ({ everySeconds: settings.alertSweepSeconds, catchUp: "skip" }),
  run: async (ctx) => {
    const { symbols, fired } = await judgeAlerts(ctx);
    ctx.log.info("alerts judged", { symbols, fired });
  },
});
