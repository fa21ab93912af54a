import assert from "node:assert/strict";
import * as z from "zod";
import { showInputs } from "../../../../services/plans/model/mod.ts";
import { type PlanInputs, planInputs } from "../../../../services/plans/schema.ts";

/** The names of every object in a JSON Schema, each object's in the order of the schema. */
function namesOfObjects(schema: unknown): string[][] {
  if (typeof schema !== "object" || schema === null) return [];
  const { properties } = schema as { properties?: Record<string, unknown> };
  const own = properties ? [Object.keys(properties)] : [];
  return [...own, ...Object.values(schema).flatMap(namesOfObjects)];
}

Deno.test("showInputs() shows every object of a plan in the order of its schema, none of its fields forgotten", () => {
  const objects = namesOfObjects(z.toJSONSchema(planInputs, { io: "input" }));
  assert.ok(objects.length > 15, `${objects.length}`);
  for (const names of objects) {
    const backwards = Object.fromEntries(names.toReversed().map((name) => [name, 1]));
    const shown = showInputs(backwards as unknown as PlanInputs);
    assert.deepEqual(Object.keys(shown), names);
  }
});
