import assert from "node:assert/strict";
import { Instant } from "../../lib/instant.ts";

const cases: [given: string, read: string | undefined][] = [
  ["2026-01-31T09:30:00Z", "2026-01-31T09:30:00.000Z"],
  ["2026-01-31T09:30:00.120Z", "2026-01-31T09:30:00.120Z"],
  ["1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z"],
  ["2199-12-31T23:59:59.999Z", "2199-12-31T23:59:59.999Z"],
  ["1969-12-31T23:59:59Z", undefined],
  ["0000-01-01T00:00:00Z", undefined],
  ["2200-01-01T00:00:00Z", undefined],
  ["9999-12-31T23:59:59.999Z", undefined],
  ["2026-01-31T09:30:00+01:00", undefined],
  ["2026-02-29T00:00:00Z", undefined],
];

Deno.test("a moment in a request is one that Postgres can keep, in one spelling", () => {
  for (const [given, read] of cases) assert.equal(Instant.safeParse(given).data, read, given);
});
