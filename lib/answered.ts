/** Words of answers that have a form of their own, so that the API's description can tell of it. */
import * as z from "zod";

/** A moment as we answer it: ISO 8601 in UTC, always with milliseconds. */
export const AnsweredInstant = z.iso.datetime({ precision: 3 });

/** A price or an amount: a decimal number as text, since binary floats cannot hold it. */
export const AnsweredDecimal = z.string().regex(/^-?\d+(\.\d+)?$/);
