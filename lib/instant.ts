import * as z from "zod";

/**
 * A moment in a request: ISO 8601 in UTC, and with milliseconds once it is read, so that the same moment is the same
 * text. Others are slips of the pen; year 0 is none to Postgres, and neither is what a little more than 9999 looks like.
 */
export const Instant = z.iso.datetime().refine(
  (text) => text >= "1970" && text < "2200",
  "must lie between 1970 and 2200",
).transform((text) => new Date(text).toISOString());
