import type { z } from "zod";
import type { ErrorCode } from "../../lib/errors.ts";
import type { Deprecation } from "./deprecation.ts";
import type { LimitClass } from "../../services/limits.ts";

/** What a person who reads the API's documentation wants to know of one route. */
export interface RouteDoc {
  summary: string;
  about?: string;
  /** `public` needs no sign-in, `person` any, else the permission that is needed. */
  access: string;
  /** Status to schema; a string describes an answer that is not JSON, null one without a body. */
  /** What a call is counted as; a read or a write by its method unless it says so. */
  limit?: LimitClass;
  answers: Record<number, z.ZodType | string | null>;
  problems?: ErrorCode[];
  /** Answered by `createOnce`: takes an `Idempotency-Key`. */
  idempotent?: boolean;
  /** What the path and the query take, for a route that checks them by hand. */
  params?: z.ZodType;
  query?: z.ZodType;
  /** Request headers beyond the usual ones. `If-Match` must be sent; `If-Match?` is honoured where it is. */
  headers?: string[];
  example?: unknown;
  /** Set where the route is on its way out: answers, the OpenAPI document and the page say so. */
  deprecated?: Deprecation;
}

/** Documentation by route, `"GET /v1/quotes/:symbol"`. A test finds routes without it and entries without a route. */
export type RouteDocs = Record<string, RouteDoc>;
