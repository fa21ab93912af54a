import type { z } from "zod";
import type { ErrorCode } from "../../lib/errors.ts";
import type { Deprecation } from "./deprecation.ts";
import type { LimitClass } from "../../services/limits.ts";

/** An answer that is no JSON of a schema of ours. */
export interface Media {
  about: string;
  /** Its content type, without parameters. */
  type: string;
  example?: string;
}

/** What a person who reads the API's documentation wants to know of one route. */
export interface RouteDoc {
  summary: string;
  about?: string;
  /** `public` needs no sign-in, `person` any, else the permission that is needed. */
  access: string;
  /** What a call is counted as; a read or a write by its method unless it says so. */
  limit?: LimitClass;
  /** Status to schema; a media type or a string describes an answer that is not JSON, null one without a body. */
  answers: Record<number, z.ZodType | Media | string | null>;
  problems?: ErrorCode[];
  /** Answered by `createOnce`: takes an `Idempotency-Key`. */
  idempotent?: boolean;
  /** Parameters that the handler reads by hand. */
  query?: z.ZodType;
  /** Request headers beyond the usual ones. `If-Match` must be sent; `If-Match?` is honoured where it is. */
  headers?: string[];
  /** A body that the route takes, where its schema has no example. */
  example?: unknown;
  /** Set where the route is on its way out: answers, the OpenAPI document and the page say so. */
  deprecated?: Deprecation;
}

/** Documentation by route, `"GET /v1/quotes/:symbol"`. A test finds routes without it and entries without a route. */
export type RouteDocs = Record<string, RouteDoc>;
