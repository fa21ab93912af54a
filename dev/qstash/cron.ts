import { Cron } from "croner";
import { Refusal } from "./refusal.ts";

/** A cron expression that was read: its tidy text and the runs that follow from it. */
export interface CronPlan {
  text: string;
  /** The first run after a moment; none for a date that never comes. */
  nextMs(afterMs: number): number | undefined;
}

const names = /JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC|SUN|MON|TUE|WED|THU|FRI|SAT/gi;
/** Five fields of the plain language, without the letters that some dialects add. */
const plainFields = /^[\d*,/-]+( [\d*,/-]+){4}$/;

/** Reads `*\/5 * * * *`, in UTC or behind `CRON_TZ=Area/City `. Throws a 400 for anything else. */
export function parseCron(text: string): CronPlan {
  const words = text.trim().split(/\s+/);
  const zone = /^(?:CRON_TZ|TZ)=(.+)$/.exec(words[0] ?? "")?.[1];
  const fields = (zone === undefined ? words : words.slice(1)).join(" ");
  if (!plainFields.test(fields.replace(names, "0"))) throw invalid(text);
  const cron = openCron(fields, zone ?? "UTC", text);
  return {
    text: words.join(" "),
    nextMs: (afterMs) => cron.nextRun(new Date(afterMs))?.getTime(),
  };
}

/** Never started: it only computes. Day of month and day of week are alternatives, as in Unix. */
function openCron(fields: string, timezone: string, text: string): Cron {
  try {
    const cron = new Cron(fields, { timezone, mode: "5-part", paused: true });
    // A zone that does not exist shows only when a run is computed.
    cron.nextRun();
    return cron;
  } catch {
    throw invalid(text);
  }
}

function invalid(text: string): Refusal {
  return new Refusal(400, `invalid cron expression: ${text}`);
}
