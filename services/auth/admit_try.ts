import { fail } from "../../lib/errors.ts";
import { type Quota, type Standing, standing } from "../../lib/rate_limit/quota.ts";
import { asSystem, inTransaction, type Needs } from "../ctx.ts";
import { addressPrefixOf } from "./model/address_prefix.ts";
import { insertAttempts, lockAttempts, selectAttempts } from "./store.ts";

type TryNeeds = Needs<"actor" | "database" | "keys" | "log" | "now" | "origin">;

/**
 * Lets one more try to sign in through, or throws `too_many_requests`. Counts by account, known or not; from where
 * its owner has signed in before, by account and place: whoever uses up the tries of somebody else's account from
 * afar does not lock them out at home. Counts exactly, in Redis or else in Postgres; `unavailable` where both are
 * away, since a password that can be guessed without a limit is none.
 */
export async function admitTry(
  ctx: TryNeeds,
  email: string,
  fromKnownPlace: boolean,
): Promise<void> {
  const tries = await ctx.keys.tries();
  const account = tries.subjectOf(email);
  const place = tries.subjectOf(`${email} ${addressPrefixOf(ctx.origin.address)}`);
  const [judged, noted] = fromKnownPlace ? [place, account] : [account, place];
  const found = await tries.signIn.takeShared(judged, [noted]) ??
    await admitByPostgres(ctx, judged, noted);
  if (!found.admitted) fail("too_many_requests", { standing: found });
}

async function admitByPostgres(ctx: TryNeeds, judged: string, noted: string): Promise<Standing> {
  const tries = await ctx.keys.tries();
  const found = await inTransaction(asSystem(ctx, "admit_try"), async ({ sql }) => {
    await lockAttempts(sql, [judged, noted].sort());
    const nowMs = ctx.now();
    const { count, oldestMs } = await selectAttempts(sql, judged, nowMs - tries.quota.windowMs);
    const admitted = count < tries.quota.limit;
    if (admitted) await insertAttempts(sql, [judged, noted], nowMs);
    return standingAfter(tries.quota, admitted, count, (oldestMs ?? nowMs) - nowMs);
  });
  // What Redis has counted, Postgres does not know, nor the other way round; this process knows what it let through.
  return found.admitted ? tries.signIn.takeAlone(judged) : found;
}

function standingAfter(quota: Quota, admitted: boolean, before: number, oldestAgoMs: number) {
  const remaining = quota.limit - before - (admitted ? 1 : 0);
  return standing(quota, admitted, remaining, oldestAgoMs + quota.windowMs);
}
