import assert from "node:assert/strict";
import fc from "fast-check";
import { renderExposition } from "../../lib/exposition.ts";
import { createMetrics, type Metrics } from "../../lib/metrics.ts";
import { parseExposition, sampleOf } from "../support/exposition.ts";

const scrape = (metrics: Metrics) => parseExposition(renderExposition(metrics.collect()));

Deno.test("a counter adds up under each combination of its labels", () => {
  const metrics = createMetrics();
  const calls = metrics.counter("calls_total", "Calls.", ["vendor", "outcome"]);
  const answered = calls("yahoo", "answered");
  answered.add();
  answered.add(2);
  calls("yahoo", "failed").add();
  const read = scrape(metrics);
  assert.equal(sampleOf(read, 'calls_total{vendor="yahoo",outcome="answered"}'), 3);
  assert.equal(sampleOf(read, 'calls_total{vendor="yahoo",outcome="failed"}'), 1);
});

Deno.test("asking for the same labels again is asking for the same series", () => {
  const metrics = createMetrics();
  const calls = metrics.counter("calls_total", "Calls.", ["a", "b"]);
  assert.equal(calls("x", "y"), calls("x", "y"));
  // Joined without care, these two would be one.
  assert.notEqual(calls('x","y', ""), calls("x", 'y",""'));
});

Deno.test("a histogram counts a value in every bucket from the first that holds it, bounds included", () => {
  const bound = fc.double({ min: -1e6, max: 1e6, noNaN: true });
  const bounds = fc.uniqueArray(bound, { minLength: 1, maxLength: 8 }).map((given) =>
    given.map((value) => value + 0).toSorted((left, right) => left - right)
  );
  const values = fc.array(fc.oneof(bound, fc.constant(Infinity), fc.constant(-Infinity)));
  fc.assert(fc.property(bounds, values, (bounds, values) => {
    const metrics = createMetrics();
    const seconds = metrics.histogram("h_seconds", "H.", [], bounds)();
    const given = [...values, ...bounds];
    for (const value of given) seconds.observe(value);
    const read = scrape(metrics);
    for (const limit of bounds) {
      const expected = given.filter((value) => value <= limit).length;
      assert.equal(sampleOf(read, `h_seconds_bucket{le="${limit}"}`), expected);
    }
    assert.equal(sampleOf(read, "h_seconds_count"), given.length);
    const sum = given.reduce((total, value) => total + value, 0);
    assert.ok(Object.is(read.get("h_seconds")?.samples.get("h_seconds_sum"), sum) || sum === 0);
  }));
});

Deno.test("a value that is no number spoils no sum", () => {
  const metrics = createMetrics();
  const seconds = metrics.histogram("h_seconds", "H.", [], [1])();
  seconds.observe(NaN);
  seconds.observe(2);
  const read = scrape(metrics);
  assert.equal(sampleOf(read, "h_seconds_sum"), 2);
  assert.equal(sampleOf(read, "h_seconds_count"), 1);
});

Deno.test("a gauge that is read at the scrape is left out where reading it fails, and the rest is there", () => {
  const metrics = createMetrics();
  let value: number | undefined = 7;
  metrics.readGauge("rooms", "Rooms.", () => value ?? assert.fail("away"));
  metrics.gauge("doors", "Doors.", [])().set(3);
  assert.equal(sampleOf(scrape(metrics), "rooms"), 7);
  value = undefined;
  assert.deepEqual([...scrape(metrics).keys()], ["doors"]);
});

Deno.test("however many values a label is given, a metric keeps a bounded number of series and loses no count", () => {
  const metrics = createMetrics();
  const calls = metrics.counter("calls_total", "Calls.", ["symbol"]);
  for (let at = 0; at < 5_000; at++) calls(`S${at}`).add();
  const samples = scrape(metrics).get("calls_total")?.samples ?? new Map<string, number>();
  assert.equal(samples.size, 1_001);
  assert.equal(samples.get('calls_total{symbol="other"}'), 4_000);
  assert.equal([...samples.values()].reduce((sum, count) => sum + count, 0), 5_000);
});

Deno.test("a name that Prometheus would refuse, or that is taken, is refused where it is defined", () => {
  const metrics = createMetrics();
  metrics.counter("calls_total", "Calls.", []);
  assert.throws(() => metrics.gauge("calls_total", "Again.", []), RangeError);
  for (const name of ["", "1st", "a-b", "a b"]) {
    assert.throws(() => metrics.gauge(name, "", []), RangeError, name);
  }
  for (const label of ["le", "__name__", "a-b", ""]) {
    assert.throws(() => metrics.gauge("g", "", [label]), RangeError, label);
  }
});
