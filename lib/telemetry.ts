import type { Span } from "@opentelemetry/api";

/** The span that Deno has opened for the request at hand, as far as it can be spoken to. */
export interface Telemetry {
  /** Says which route it was, `GET /v1/quotes/:symbol`, and whether we failed. Called while it is being answered. */
  describe(route: string, status: number): void;
  /** The trace that the current work belongs to. */
  traceId(): string | undefined;
}

/** Where the runtime puts its tracer with OTEL_DENO=true, and nothing otherwise. */
const registry = Symbol.for("opentelemetry.js.api.1");

/**
 * What Deno's own OpenTelemetry leaves to us; undefined where that is off. Only then is the package loaded, which
 * nothing waits for, so that the spans of the very first requests may go without.
 */
export function openTelemetry(): Telemetry | undefined {
  const globals = (globalThis as { [registry]?: { trace?: unknown } })[registry];
  if (globals?.trace === undefined) return undefined;
  let api: typeof import("@opentelemetry/api") | undefined;
  void import("@opentelemetry/api").then((loaded) => api = loaded);
  return {
    describe(route, status) {
      const span = api?.trace.getActiveSpan();
      if (api && span) describeSpan(span, route, status, api.SpanStatusCode.ERROR);
    },
    traceId: () => api?.trace.getActiveSpan()?.spanContext().traceId,
  };
}

/** By the semantic conventions for HTTP servers: only what is our fault is an error of the span. */
function describeSpan(span: Span, route: string, status: number, error: number): void {
  const [, path = ""] = route.split(" ");
  span.updateName(route);
  span.setAttribute("http.route", path);
  if (status < 500) return;
  span.setAttribute("error.type", String(status));
  span.setStatus({ code: error });
}
