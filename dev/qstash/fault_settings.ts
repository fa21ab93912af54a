import { z } from "zod";
import { secondMs } from "../../lib/time.ts";
import type { FaultKind, Faults } from "./faults.ts";

/** A pattern travels as `{"pattern": "^/jobs", "flags": "i"}`. */
const textShape = z.union([
  z.string(),
  z.strictObject({ pattern: z.string(), flags: z.string().optional() })
    .transform(({ pattern, flags }, context) => {
      try {
        return new RegExp(pattern, flags);
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        context.addIssue({ code: "custom", message });
        return z.NEVER;
      }
    }),
]);
const place = z.int().min(1);
const fields = {
  rate: z.number().min(0).max(1).optional(),
  label: z.string().optional(),
  url: textShape.optional(),
  body: textShape.optional(),
  deduplicationId: textShape.optional(),
  nth: z.union([place, z.array(place)]).optional(),
  attempt: place.optional(),
  timesPerMessage: place.optional(),
};

/** What `POST /dev/fault` takes: the same as `setFaults` without its functions; null and `{}` end every fault. */
export const faultsShape: z.ZodType<Faults | null> = z.strictObject({
  duplicate: oneOrMore({}),
  delay: oneOrMore({ delayMs: z.number().min(0) }),
  late: oneOrMore({ lateMs: z.number().min(0).optional() }),
  reorder: oneOrMore({}),
  lose: oneOrMore({}),
  dropAcknowledgement: oneOrMore({}),
  refuse: oneOrMore({ status: z.int().min(400).max(599).optional() }),
  refuseEntry: oneOrMore({ error: z.string().optional() }),
  loseAnswer: oneOrMore({ cut: z.enum(["before", "within"]).optional() }),
  seed: z.int().optional(),
}).nullable();

/** What a switch on the page sets. */
export const exampleFaults: Faults = {
  duplicate: {},
  delay: { delayMs: 10 * secondMs },
  late: {},
  reorder: {},
  lose: {},
  dropAcknowledgement: {},
  refuse: {},
  refuseEntry: {},
  loseAnswer: {},
};

export const faultWords: Record<FaultKind, string> = {
  duplicate: "Two requests for one attempt",
  delay: "Attempts are made 10 s late",
  late: "Attempts are made hours late",
  reorder: "A later message overtakes",
  lose: "Accepted, never delivered",
  dropAcknowledgement: "Delivered, then delivered again",
  refuse: "Publishing answers 503",
  refuseEntry: "Entries of a batch are refused",
  loseAnswer: "Accepted, and the answer is lost",
};

/** Faults as JSON shows them: patterns in the form in which they are taken, functions only named. */
export function viewFaults(faults: Faults): Record<string, unknown> {
  return JSON.parse(JSON.stringify(faults, (_name, value) => {
    if (value instanceof RegExp) return { pattern: value.source, flags: value.flags };
    return typeof value === "function" ? "a function" : value;
  }));
}

function oneOrMore<Shape extends z.ZodRawShape>(own: Shape) {
  const fault = z.strictObject({ ...fields, ...own });
  return z.union([fault, z.array(fault)]).optional();
}
