import { type MetricFamily, renderValue, type Sample } from "./exposition.ts";

export interface Counter {
  add(count?: number): void;
}

export interface Gauge {
  set(value: number): void;
}

export interface Histogram {
  observe(value: number): void;
}

/**
 * The series of a metric by its label values. Ask once, where the values are known, and keep the handle: finding it
 * costs a hundred times what observing does.
 */
export type Series<Names extends readonly string[], Handle> = (
  ...values: { [Index in keyof Names]: string }
) => Handle;

export interface Metrics {
  /** What only grows; its name ends in `_total`. */
  counter<const Names extends readonly string[]>(
    name: string,
    help: string,
    labels: Names,
  ): Series<Names, Counter>;
  gauge<const Names extends readonly string[]>(
    name: string,
    help: string,
    labels: Names,
  ): Series<Names, Gauge>;
  /** A gauge that is read when it is scraped, and left out where reading it throws. */
  readGauge(name: string, help: string, read: () => number): void;
  /** Counts by upper bounds in ascending order; a bucket for everything above is added. */
  histogram<const Names extends readonly string[]>(
    name: string,
    help: string,
    labels: Names,
    bounds: readonly number[],
  ): Series<Names, Histogram>;
  /** All that was measured until now. */
  collect(): MetricFamily[];
}

/** More label values than this are somebody's input: further ones count together, under `other`. */
const seriesMax = 1_000;
const overflow = "other";

/**
 * A registry. A metric is defined once, by the module that measures it; a name that is no Prometheus name, or taken,
 * throws RangeError.
 */
export function createMetrics(): Metrics {
  const families = new Map<string, () => MetricFamily>();

  function define(name: string, labels: readonly string[], collect: () => MetricFamily) {
    if (!/^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(name)) throw new RangeError(`no metric's name: ${name}`);
    const wrong = labels.find((label) => !/^(?!__|le$)[a-zA-Z_][a-zA-Z0-9_]*$/.test(label));
    if (wrong !== undefined) throw new RangeError(`no label's name: ${wrong}`);
    if (families.has(name)) throw new RangeError(`${name} is defined twice`);
    families.set(name, collect);
  }

  function defineSeries<Names extends readonly string[], Handle>(
    head: Omit<MetricFamily, "samples">,
    labels: Names,
    open: () => Readable<Handle>,
  ): Series<Names, Handle> {
    const { find, samples } = createSeries(labels, open);
    define(head.name, labels, () => ({ ...head, samples: samples() }));
    return (...values) => find(values as readonly string[]);
  }

  return {
    counter: (name, help, labels) =>
      defineSeries({ name, help, type: "counter" }, labels, openCounter),
    gauge: (name, help, labels) => defineSeries({ name, help, type: "gauge" }, labels, openGauge),
    histogram: (name, help, labels, bounds) =>
      defineSeries({ name, help, type: "histogram" }, labels, () => openHistogram(bounds)),
    readGauge(name, help, read) {
      define(name, [], () => ({ name, help, type: "gauge", samples: readSamples(read) }));
    },
    collect: () => [...families.values()].map((collect) => collect()),
  };
}

/**
 * What this process has measured. One for all, since a scrape asks a process and not one of its parts, and because a
 * context has no field to spare: whoever counts defines the metric beside the code that counts.
 */
export const metrics: Metrics = createMetrics();

interface Readable<Handle> {
  handle: Handle;
  samples(): Omit<Sample, "labels">[] | Sample[];
}

function createSeries<Handle>(labels: readonly string[], open: () => Readable<Handle>) {
  const series = new Map<string, Readable<Handle> & { labels: Sample["labels"] }>();

  function find(values: readonly string[]): Handle {
    const key = JSON.stringify(values);
    const known = series.get(key);
    if (known) return known.handle;
    const isFull = labels.length > 0 && series.size >= seriesMax;
    if (isFull && values.some((value) => value !== overflow)) {
      return find(labels.map(() => overflow));
    }
    const opened = { ...open(), labels: labels.map((name, at) => pair(name, values[at])) };
    series.set(key, opened);
    return opened.handle;
  }

  const samples = (): Sample[] =>
    [...series.values()].flatMap((one) =>
      one.samples().map((sample) => ({
        ...sample,
        labels: [...one.labels, ...("labels" in sample ? sample.labels : [])],
      }))
    );
  return { find, samples };
}

function pair(name: string, value = ""): [string, string] {
  return [name, value];
}

function openCounter(): Readable<Counter> {
  const cell = new Float64Array(1);
  return {
    handle: { add: (count = 1) => void (cell[0] = (cell[0] ?? 0) + count) },
    samples: () => [{ value: cell[0] ?? 0 }],
  };
}

function openGauge(): Readable<Gauge> {
  const cell = new Float64Array(1);
  return {
    handle: { set: (value) => void (cell[0] = value) },
    samples: () => [{ value: cell[0] ?? 0 }],
  };
}

/** One count a bucket and the sum behind them. The last bound is infinite, so that the search needs no other end. */
function openHistogram(given: readonly number[]): Readable<Histogram> {
  const bounds = Float64Array.of(...given, Infinity);
  const cells = new Float64Array(bounds.length + 1);
  const sumAt = bounds.length;
  return {
    handle: {
      observe(value) {
        // Not a number: one such sum would stay so for good.
        if (value !== value) return;
        let at = 0;
        while (value > (bounds[at] as number)) at++;
        cells[at] = (cells[at] as number) + 1;
        cells[sumAt] = (cells[sumAt] as number) + value;
      },
    },
    samples: () => histogramSamples(bounds, cells),
  };
}

/** Buckets are cumulative in the exposition; ours are not, since only one of them then changes. */
function histogramSamples(bounds: Float64Array, cells: Float64Array): Sample[] {
  let count = 0;
  const buckets = Array.from(bounds, (bound, at): Sample => {
    count += cells[at] ?? 0;
    return { suffix: "_bucket", labels: [["le", renderValue(bound)]], value: count };
  });
  const sum = cells[bounds.length] ?? 0;
  return [
    ...buckets,
    { suffix: "_sum", labels: [], value: sum },
    { suffix: "_count", labels: [], value: count },
  ];
}

function readSamples(read: () => number): Sample[] {
  try {
    return [{ labels: [], value: read() }];
  } catch {
    return [];
  }
}
