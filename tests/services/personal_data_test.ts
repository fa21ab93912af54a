import assert from "node:assert/strict";
import { personalTables } from "../../services/personal_data.ts";
import { domains } from "../tidy/places.ts";

// That every table is in the list, under its owner, is held by tests/tidy_test.ts.

Deno.test("no two tables with personal data write to one section of an export", () => {
  const sections = Object.values(personalTables).flatMap(({ exportedAs }) => exportedAs ?? []);
  assert.deepEqual(sections.toSorted(), [...new Set(sections)].toSorted());
});

Deno.test("tables with personal data are listed in the order of their domains", () => {
  const order = Object.values(personalTables).map(({ owner }) => domains.indexOf(owner));
  assert.ok(!order.includes(-1));
  assert.deepEqual(order, order.toSorted((a, b) => a - b));
});
