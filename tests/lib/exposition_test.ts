import assert from "node:assert/strict";
import fc from "fast-check";
import { type MetricFamily, renderExposition } from "../../lib/exposition.ts";
import { parseExposition } from "../support/exposition.ts";

const gauge = (samples: MetricFamily["samples"], help = "What it is."): MetricFamily => ({
  name: "room_celsius",
  help,
  type: "gauge",
  samples,
});

// The rules and the first two examples: prometheus.io/docs/instrumenting/exposition_formats.
Deno.test("label values and help are escaped by the rules of format 0.0.4, and by no other", () => {
  const labels: [string, string][] = [["path", "C:\\DIR\\FILE.TXT"], [
    "error",
    'Cannot find file:\n"FILE.TXT"',
  ]];
  assert.equal(
    renderExposition([gauge([{ labels, value: 1.458255915e9 }], 'one\\two\n"three"')]),
    '# HELP room_celsius one\\\\two\\n"three"\n# TYPE room_celsius gauge\n' +
      'room_celsius{path="C:\\\\DIR\\\\FILE.TXT",error="Cannot find file:\\n\\"FILE.TXT\\""} 1458255915\n',
  );
});

Deno.test("values that are no finite numbers are written as Prometheus reads them", () => {
  const of = (value: number) => renderExposition([gauge([{ labels: [], value }])]).split("\n")[2];
  assert.deepEqual([NaN, Infinity, -Infinity, 1e21, 1e-7].map(of), [
    "room_celsius NaN",
    "room_celsius +Inf",
    "room_celsius -Inf",
    "room_celsius 1e+21",
    "room_celsius 1e-7",
  ]);
});

Deno.test("a metric without a series is not mentioned", () => {
  assert.equal(renderExposition([gauge([])]), "");
});

Deno.test("whatever stands in a label, the text can be read, and different values stay different series", () => {
  const values = fc.uniqueArray(fc.string({ unit: "binary", maxLength: 12 }), {
    minLength: 1,
    maxLength: 10,
  });
  fc.assert(fc.property(values, (given) => {
    const samples = given.map((value, at) => ({
      labels: [["x", value]] as [string, string][],
      value: at,
    }));
    const read = parseExposition(renderExposition([gauge(samples)])).get("room_celsius");
    assert.deepEqual([...read?.samples.values() ?? []], samples.map(({ value }) => value));
  }));
});
