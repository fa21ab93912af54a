export interface Cors {
  /** False where no page of any origin may call us: then nobody needs to ask. */
  isOpen: boolean;
  /** The answer to a preflight of an origin that may call us; undefined for anything else. */
  preflight(method: string, headers: Headers): Response | undefined;
  /** Adds what a page of that origin needs to read the answer. Only where `Origin` was sent. */
  allow(origin: string, response: Response): void;
}

const methods = "GET, POST, PUT, PATCH, DELETE";
const requestHeaders =
  "authorization, content-type, idempotency-key, if-match, if-none-match, prefer, x-request-id";
const exposedHeaders =
  "etag, idempotency-replayed, retry-after, x-request-id, link, location, ratelimit, ratelimit-policy, deprecation, sunset";

/** CORS for the pages of `origins`; a phone sends no `Origin` and pays nothing. */
export function cors(origins: string[]): Cors {
  const allowed = new Set(origins);
  return {
    isOpen: allowed.size > 0,
    preflight(method, headers) {
      if (method !== "OPTIONS") return;
      const origin = headers.get("origin");
      if (!origin || !headers.has("access-control-request-method")) return;
      const response = new Response(null, { status: 204 });
      if (!allowed.has(origin)) return response;
      response.headers.set("access-control-allow-origin", origin);
      response.headers.set("access-control-allow-methods", methods);
      response.headers.set("access-control-allow-headers", requestHeaders);
      response.headers.set("access-control-max-age", "7200");
      response.headers.set("vary", "origin");
      return response;
    },
    allow(origin, response) {
      if (!allowed.has(origin)) return;
      response.headers.set("access-control-allow-origin", origin);
      response.headers.set("access-control-expose-headers", exposedHeaders);
      response.headers.append("vary", "origin");
    },
  };
}
