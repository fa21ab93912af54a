import * as z from "zod";
import { msOfUuidv7 } from "./ids.ts";
import { dayMs, systemClock } from "./time.ts";

/**
 * An id that a client chooses for what it creates: UUIDv7 (RFC 9562, section 5.7), which sorts by time and so keeps
 * indexes small. A phone may have made it long ago without a network; one from more than a day ahead is of a clock
 * that is wrong, and would stand before everything else for as long. The wall clock will do for a bound of a day.
 */
export const ChosenId = z.uuidv7("must be a UUIDv7 (RFC 9562)").toLowerCase().refine(
  (id) => msOfUuidv7(id) <= systemClock() + dayMs,
  "must not lie more than a day in the future",
);
