/** One metric with its series, as a scrape shows it. */
export interface MetricFamily {
  name: string;
  help: string;
  type: "counter" | "gauge" | "histogram";
  samples: Sample[];
}

export interface Sample {
  /** `_bucket`, `_sum` or `_count` of a histogram. */
  suffix?: string;
  labels: [name: string, value: string][];
  value: number;
}

export const expositionType = "text/plain; version=0.0.4; charset=utf-8";

/**
 * The text that Prometheus scrapes, format 0.0.4
 * (prometheus.io/docs/instrumenting/exposition_formats). A metric without a series is left out.
 */
export function renderExposition(families: MetricFamily[]): string {
  return families.filter(({ samples }) => samples.length > 0).map(renderFamily).join("");
}

function renderFamily({ name, help, type, samples }: MetricFamily): string {
  const lines = samples.map(({ suffix = "", labels, value }) =>
    `${name}${suffix}${renderLabels(labels)} ${renderValue(value)}\n`
  );
  return `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${type}\n${lines.join("")}`;
}

function renderLabels(labels: Sample["labels"]): string {
  if (labels.length === 0) return "";
  return `{${labels.map(([name, value]) => `${name}="${escapeLabel(value)}"`).join(",")}}`;
}

/** As Go reads it. JavaScript's own text of a finite number fits already. */
export function renderValue(value: number): string {
  if (value === Infinity) return "+Inf";
  return value === -Infinity ? "-Inf" : String(value);
}

function escapeHelp(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

function escapeLabel(text: string): string {
  return escapeHelp(text).replaceAll('"', '\\"');
}
