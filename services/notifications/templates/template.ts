import type * as z from "zod";

/** The texts of one type of message in Liquid, with the variables that they take. */
export interface Template {
  variables: z.ZodObject;
  email?: { subject: string; html: string; text: string };
  in_app?: { title: string; body: string };
}

/** Liquid for a moment as the reader's clock shows it, with the zone of that clock. */
export function momentOf(variable: string): string {
  return `{{ ${variable} | moment: timeZone }} ({{ timeZone }})`;
}
