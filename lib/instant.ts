import * as z from "zod";

/**
 * A moment in a request: ISO 8601 in UTC, and with milliseconds once it is read, so that the same moment is the same
 * text. Earlier ones are slips of the pen, and year 0 is none to Postgres.
 */
export const Instant = z.iso.datetime().refine((text) => text >= "1970", "must not lie before 1970")
  .transform((text) => new Date(text).toISOString());
