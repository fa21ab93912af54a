import { fail } from "../lib/errors.ts";
import type { Needs, Person } from "./ctx.ts";

/** The first line of a verb: who asks, if they may. `not_signed_in` (401) or `forbidden` (403) otherwise. */
export function authorise(ctx: Needs<"actor">, permission: string): Person {
  const { actor } = ctx;
  if (actor.kind !== "person") return fail("not_signed_in");
  if (!actor.permissions.has(permission)) return fail("forbidden");
  return actor;
}

/**
 * The first line of a verb that is for people who have signed in themselves, whatever they are permitted: an API key
 * must not make another one, nor end or begin a session. `not_signed_in` (401) or `forbidden` (403) otherwise.
 */
export function authoriseSignedIn(ctx: Needs<"actor">): Person {
  const { actor } = ctx;
  if (actor.kind !== "person") return fail("not_signed_in");
  refuseApiKey(ctx);
  return actor;
}

/** `forbidden` for whoever asks with an API key; says nothing of others. */
export function refuseApiKey({ actor }: Needs<"actor">): void {
  if (actor.kind !== "person" || actor.via !== "api_key") return;
  fail("forbidden", { detail: "An API key cannot do this: sign in." });
}

/** The first line of a verb that only jobs call. */
export function authoriseSystem(ctx: Needs<"actor">): void {
  if (ctx.actor.kind !== "system") fail("forbidden");
}
