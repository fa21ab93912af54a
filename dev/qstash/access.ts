import type { MiddlewareHandler } from "hono";
import type { Broker } from "./broker.ts";
import { Refusal } from "./refusal.ts";

export interface Tokens {
  token: string;
  /** Reads everything and changes nothing. */
  readOnlyToken: string;
}

/** The token comes as a bearer, or as `qstash_token` in the query from those who can set no header. */
export function requireToken({ token, readOnlyToken }: Tokens): MiddlewareHandler {
  return async (c, next) => {
    const bearer = /^Bearer (.+)$/.exec(c.req.header("authorization") ?? "")?.[1];
    const given = c.req.query("qstash_token") ?? bearer;
    if (given === readOnlyToken && c.req.method !== "GET") {
      throw new Refusal(403, "this token can only read");
    }
    if (given !== token && given !== readOnlyToken) throw new Refusal(401, "invalid token");
    await next();
  };
}

/** Publishing has no limit by the second; all else has. */
export function limitCalls({ quota }: Broker): MiddlewareHandler {
  return async (c, next) => {
    if (!/^\/v2\/(publish|enqueue|batch)(\/|$)/.test(c.req.path)) quota.takeManagementCall();
    await next();
  };
}
