import { parseTraceparent, type TraceContext } from "../../lib/trace_context.ts";
import type { Origin } from "../../services/ctx.ts";
import { addressOf } from "./address.ts";

/** Where a request came from, read when somebody asks: most requests are answered without it. */
export class RequestOrigin implements Origin {
  readonly trace?: TraceContext;
  readonly #headers: Headers;
  readonly #serveInfo: unknown;
  readonly #trustedProxies: number;
  #address: string | undefined;
  #userAgent: string | undefined;

  constructor(headers: Headers, serveInfo: unknown, trustedProxies: number) {
    this.#headers = headers;
    this.#serveInfo = serveInfo;
    this.#trustedProxies = trustedProxies;
    // The log asks for it once the answer is made, when a request that became a socket has no headers any more.
    const traceparent = headers.get("traceparent");
    if (traceparent !== null) this.trace = parseTraceparent(traceparent, headers.get("tracestate"));
  }

  get address(): string {
    return this.#address ??= addressOf(this.#headers, this.#serveInfo, this.#trustedProxies);
  }

  get userAgent(): string {
    return this.#userAgent ??= this.#headers.get("user-agent") ?? "";
  }
}
