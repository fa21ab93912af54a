/** That a route is on its way out, as its documentation says it. */
export interface Deprecation {
  /** The day from which nobody should begin to use it, `2026-10-01`. */
  since: string;
  /** The day from which it may not answer any more. */
  sunset?: string;
  /** The route to use instead, `/v1/plans/:id`. */
  successor?: string;
  /** Where people read about it. */
  about?: string;
}

/** A header to be added to an answer; one name may stand there twice. */
export type HeaderPair = readonly [name: string, value: string];

/**
 * The headers of a deprecated route, made once: `Deprecation` (RFC 9745), `Sunset` (RFC 8594) and `Link` (RFC 8288); a
 * successor with parameters in its address is a `Link-Template` (RFC 9652). Undefined for every other route.
 * @throws RangeError for a day that is none, or a sunset before the deprecation, which RFC 9745 does not allow
 */
export function deprecationHeaders(deprecated: Deprecation | undefined): HeaderPair[] | undefined {
  if (deprecated === undefined) return undefined;
  const { sunset, successor, about } = deprecated;
  const since = dayOf(deprecated.since);
  const headers: HeaderPair[] = [["deprecation", `@${since.getTime() / 1_000}`]];
  if (sunset !== undefined) {
    const end = dayOf(sunset);
    if (end < since) throw new RangeError(`sunset ${sunset} lies before ${deprecated.since}`);
    headers.push(["sunset", end.toUTCString()]);
  }
  if (about !== undefined) headers.push(["link", `<${about}>; rel="deprecation"`]);
  if (successor !== undefined) headers.push(successorLink(successor));
  return headers;
}

function successorLink(successor: string): HeaderPair {
  const template = successor.replace(/:(\w+)/g, "{$1}");
  return template === successor
    ? ["link", `<${successor}>; rel="successor-version"`]
    : ["link-template", `"${template}"; rel="successor-version"`];
}

function dayOf(text: string): Date {
  const day = new Date(`${text}T00:00:00Z`);
  if (Number.isNaN(day.getTime())) throw new RangeError(`${text} is no day such as 2026-10-01`);
  return day;
}

/** Adds them to an answer that is on its way. */
export function addHeaders(response: Response, pairs: readonly HeaderPair[]): void {
  for (const [name, value] of pairs) response.headers.append(name, value);
}
