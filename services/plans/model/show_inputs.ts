import { fieldRanks, inFieldOrder } from "../../../lib/field_order.ts";
import type { PlanInputs } from "../schema.ts";
import { assetClasses } from "./assumptions.ts";

/** Every field of a plan's inputs in the order of the schema; no two objects in it want two fields the other way round. */
const ranks = fieldRanks([
  ...["set", "version", "seed", "paths", "engineVersion"],
  ...["rule", "rate", "cap", "order", "table", "age"],
  ...[
    "name",
    "kind",
    "currency",
    "startDate",
    "people",
    "accounts",
    "spending",
    "incomes",
    "events",
  ],
  ...["goals", "allocation", "withdrawal", "assumptions"],
  ...["birthDate", "retirementAge", "lifeExpectancy", "income"],
  ...["treatment", "balance", "costBasis", "owner", "contribution", "employerMatch"],
  ...["amount", "date", "priority", "from", "until", "growth", "inflationLinked", "met"],
  ...["essential", "person", "weights", "glidePath", "rebalance", "feeRate"],
  ...assetClasses,
]);

/** A plan's inputs as they are shown: the same bytes whether they have just been sent or come from the database. */
export function showInputs(inputs: PlanInputs): PlanInputs {
  return inFieldOrder(inputs, ranks);
}
