/** A metric as a scraper reads it. */
export interface ReadFamily {
  type: string;
  help: string;
  /** Value by the series as it is written, labels in their order: `name{route="/a",status="2xx"}`. */
  samples: Map<string, number>;
}

const nameForm = "[a-zA-Z_:][a-zA-Z0-9_:]*";
const labelForm = '[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\["\\\\n])*"';
const samplePattern = new RegExp(
  `^(${nameForm})(?:\\{(${labelForm}(?:,${labelForm})*)\\})? (NaN|[+-]Inf|[-+]?[0-9.]+(?:e[-+]?[0-9]+)?)$`,
);
const headPattern = new RegExp(`^# (HELP|TYPE) (${nameForm}) (.*)$`);

/**
 * Reads format 0.0.4 strictly: HELP, then TYPE, then the samples of one metric, no series twice, counters that end in
 * `_total`, histograms that are cumulative, end with +Inf and agree with their count. Throws for anything else.
 */
export function parseExposition(text: string): Map<string, ReadFamily> {
  if (text !== "" && !text.endsWith("\n")) throw new Error("the last line does not end");
  const families = new Map<string, ReadFamily>();
  let current = "";
  for (const line of text.split("\n").slice(0, -1)) {
    const [, kind, name = "", rest = ""] = headPattern.exec(line) ?? [];
    if (kind === "HELP") {
      if (families.has(name)) throw new Error(`${name} comes twice`);
      if (/\\(?![\\n])/.test(rest)) throw new Error(`help of ${name} is not escaped`);
      families.set(current = name, { type: "", help: rest, samples: new Map() });
    } else if (kind === "TYPE") {
      const family = families.get(name);
      if (name !== current || !family || family.type !== "") throw new Error(`TYPE of ${name}`);
      if (!["counter", "gauge", "histogram"].includes(rest)) throw new Error(`type ${rest}`);
      family.type = rest;
    } else {
      readSample(families.get(current), current, line);
    }
  }
  for (const [name, family] of families) checkFamily(name, family);
  return families;
}

/** The value of a series, 0 where there is none. */
export function sampleOf(families: Map<string, ReadFamily>, series: string): number {
  for (const { samples } of families.values()) {
    const found = samples.get(series);
    if (found !== undefined) return found;
  }
  return 0;
}

function readSample(family: ReadFamily | undefined, name: string, line: string): void {
  const [, given = "", labels, value = ""] = samplePattern.exec(line) ?? [];
  if (given === "") throw new Error(`no sample: ${line}`);
  const suffix = given.startsWith(name) ? given.slice(name.length) : undefined;
  const suffixes = family?.type === "histogram" ? ["_bucket", "_sum", "_count"] : [""];
  if (!family || suffix === undefined || !suffixes.includes(suffix)) {
    throw new Error(`${given} stands under ${name}`);
  }
  const series = labels === undefined ? given : `${given}{${labels}}`;
  if (family.samples.has(series)) throw new Error(`${series} comes twice`);
  family.samples.set(series, Number(value.replace("Inf", "Infinity")));
}

function checkFamily(name: string, { type, samples }: ReadFamily): void {
  if (type === "") throw new Error(`${name} has no type`);
  if (samples.size === 0) throw new Error(`${name} has no sample`);
  if ((type === "counter") !== name.endsWith("_total")) throw new Error(`${name} is a ${type}`);
  if (type === "histogram") checkHistogram(name, samples);
}

function checkHistogram(name: string, samples: Map<string, number>): void {
  const last = new Map<string, { le: number; value: number }>();
  for (const [series, value] of samples) {
    if (!series.startsWith(`${name}_bucket`)) continue;
    const [, rest = "", bound = ""] = /\{(.*?),?le="([^"]+)"\}$/.exec(series) ?? [];
    const le = Number(bound.replace("Inf", "Infinity"));
    const before = last.get(rest) ?? { le: -Infinity, value: 0 };
    if (!(le > before.le) || value < before.value) throw new Error(`${series} is out of order`);
    last.set(rest, { le, value });
  }
  for (const [labels, { le, value }] of last) {
    const count = samples.get(`${name}_count${labels === "" ? "" : `{${labels}}`}`);
    if (le !== Infinity || count !== value) throw new Error(`${name}{${labels}} does not add up`);
  }
  if (last.size === 0) throw new Error(`${name} has no bucket`);
}
