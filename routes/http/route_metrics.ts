import { type Histogram, metrics } from "../../lib/metrics.ts";
import { secondMs } from "../../lib/time.ts";

/** What is measured of one address. */
export interface RouteMetrics {
  /** Counts a request that was answered with `status` after `elapsedMs`. */
  observe(status: number, elapsedMs: number): void;
}

/** From what memory answers in to what a person waits for; 500 ms is what we promise. */
const bounds = [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

const durations = metrics.histogram(
  "almanac_http_request_duration_seconds",
  "Requests by route, method and class of status.",
  ["route", "method", "status"],
  bounds,
);

const unknownMethod = "other";
const methods = new Set([
  unknownMethod,
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "PATCH",
  "DELETE",
  "OPTIONS",
]);
const classes = ["other", "1xx", "2xx", "3xx", "4xx", "5xx"];

const measured = new Map<string, RouteMetrics>();

/**
 * The measurements of a route, `GET /v1/quotes/:symbol`; without a path those of requests that no route takes. To be
 * asked for once per route: what callers may choose, such as a path or a method of their own, is no label.
 */
export function routeMetrics(route: string): RouteMetrics {
  const known = measured.get(route);
  if (known) return known;
  const [method = "", path = "unmatched"] = route.split(" ");
  if (!methods.has(method)) return routeMetrics(`${unknownMethod} ${path}`);
  const opened = openRoute(method, path);
  measured.set(route, opened);
  return opened;
}

function openRoute(method: string, path: string): RouteMetrics {
  const handles: (Histogram | undefined)[] = [];
  return {
    observe(status, elapsedMs) {
      const at = status >= 100 && status < 600 ? (status / 100) | 0 : 0;
      // Opened at the first such answer, so that a scrape shows what has happened and not what might.
      const handle = handles[at] ??= durations(path, method, classes[at] ?? "other");
      handle.observe(elapsedMs / secondMs);
    },
  };
}
