import { parseTraceparent, type TraceContext } from "../../lib/trace_context.ts";
import type { Origin } from "../../services/ctx.ts";
import { addressOf } from "./address.ts";

/** Where a request came from, read when somebody asks: most requests are answered without it. */
export class RequestOrigin implements Origin {
  readonly #headers: Headers;
  readonly #serveInfo: unknown;
  readonly #trustedProxies: number;
  #address: string | undefined;
  #trace: TraceContext | undefined;
  #userAgent: string | undefined;

  constructor(headers: Headers, serveInfo: unknown, trustedProxies: number) {
    this.#headers = headers;
    this.#serveInfo = serveInfo;
    this.#trustedProxies = trustedProxies;
  }

  get address(): string {
    return this.#address ??= addressOf(this.#headers, this.#serveInfo, this.#trustedProxies);
  }

  get trace(): TraceContext | undefined {
    const traceparent = this.#headers.get("traceparent");
    return traceparent === null
      ? undefined
      : this.#trace ??= parseTraceparent(traceparent, this.#headers.get("tracestate"));
  }

  get userAgent(): string {
    return this.#userAgent ??= this.#headers.get("user-agent") ?? "";
  }
}
