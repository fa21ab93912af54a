import type { Context } from "hono";
import { fail } from "../../lib/errors.ts";
import type { ApiEnv } from "./env.ts";
import { answerWith, type Kept } from "./kept.ts";

/** Answers a read of a document as it is kept; `answerWith` for a handler of Hono. */
export function answerKept(
  c: Context<ApiEnv>,
  kept: Kept | Promise<Kept>,
  cacheControl: string,
): Promise<Response> {
  // Hono takes an answer that is there at once as well as a promise; its types know only one of the two.
  return answerWith(c.env, c.req.raw.headers, kept, cacheControl) as Promise<Response>;
}

/** The tag of a numbered version. */
export function versionTag(version: number): string {
  return `"${version}"`;
}

/**
 * The version that the caller changes, from `If-Match`. 428 where it is missing; a list or a foreign tag matches
 * nothing, which is 412 once the verb compares it. `*` is any version: undefined.
 */
export function expectedVersion(c: Context<ApiEnv>): number | undefined {
  const given = c.req.header("if-match") ?? fail("missing_if_match");
  if (given.trim() === "*") return undefined;
  // A proxy, or Deno Deploy, that compresses an answer makes its tag weak; it still names the one version.
  const version = /^\s*(?:W\/)?"(\d{1,15})"\s*$/.exec(given)?.[1];
  return version === undefined ? -1 : Number(version);
}
