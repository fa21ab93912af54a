import { networkOf } from "../lib/address.ts";
import { createExactCounter, type ExactCounter } from "../lib/rate_limit/exact_counter.ts";
import type { Quota, Standing } from "../lib/rate_limit/quota.ts";
import { createSharedCounter, type SharedCounter } from "../lib/rate_limit/shared_counter.ts";
import { createSquaring } from "../lib/rate_limit/squaring.ts";
import type { Actor, Needs, Origin } from "./ctx.ts";

/**
 * What a call is counted as. `sign_in` by address, and in the verb by account; `refresh` in the verb, by session;
 * `signed` only where the signature is wrong; `exempt` never.
 */
export type LimitClass =
  | "exempt"
  | "reads"
  | "writes"
  | "simulations"
  | "streams"
  | "sign_in"
  | "refresh"
  | "signed";

/** How often somebody may ask. */
export interface Limits {
  /**
   * Counts a call. Undefined and at once for an admitted read; a standing for a write, whose answer says how the
   * caller stands, and for every call that is refused (`admitted` is false then).
   */
  admit(
    limit: LimitClass,
    actor: Actor,
    origin: Pick<Origin, "address">,
  ): undefined | Standing | Promise<Standing | undefined>;
  /**
   * Counts a forged token or signature against the address that brought it. A standing where that address has
   * brought too many. What is genuine is never counted, so nobody can keep it out by forging beside it.
   */
  countForgery(address: string): Promise<Standing | undefined>;
  close(): Promise<void>;
}

/** What counts for a read where nothing else is said. */
export function defaultLimit(method: string): LimitClass {
  return method === "GET" || method === "HEAD" || method === "OPTIONS" ? "reads" : "writes";
}

type LimitNeeds = Needs<"settings" | "redis" | "now" | "newId">;

/** RFC 6177 gives a site a /56 or a /48, and one machine has at least the whole of a /64 to itself. */
const callerSize = { octets: 4, groups: 4 } as const;

/** Opens nothing: the first call begins to count. */
export function createLimits(world: LimitNeeds): Limits {
  const { settings } = world;
  const squaring = createSquaring(world);
  const shared = (quota: Quota) => createSharedCounter({ quota, squaring, ...world });
  const exact = (quota: Quota) => createExactCounter({ quota, ...world });
  const anonymous = shared({ name: "anonymous", ...settings.limitAnonymous });
  const reads = shared({ name: "reads", ...settings.limitReads });
  const streams = shared({ name: "streams", ...settings.limitStreams });
  const forgeries = shared({ name: "forgeries", ...settings.limitForgeries });
  const byPerson: Record<"writes" | "simulations", ExactCounter> = {
    writes: exact({ name: "writes", ...settings.limitWrites }),
    simulations: exact({ name: "simulations", ...settings.limitSimulations }),
  };
  const signIns = exact({ name: "sign-in-address", ...settings.limitSignInAddress });

  return {
    admit(limit, actor, origin) {
      if (limit === "reads" && actor.kind === "person") return check(reads, actor.userId, false);
      if (limit === "exempt" || limit === "refresh" || limit === "signed") return undefined;
      const caller = networkOf(origin.address, callerSize);
      if (limit === "sign_in") return refusalOnly(signIns.take(caller));
      if (limit === "streams") return check(streams, caller, false);
      if (actor.kind !== "person") return check(anonymous, caller, limit !== "reads");
      return limit === "reads" ? undefined : byPerson[limit].take(actor.userId);
    },
    async countForgery(address) {
      return await check(forgeries, networkOf(address, callerSize), false);
    },
    close: squaring.close,
  };
}

/** Answers to a sign-in are alike, whoever is tried for and however often. */
async function refusalOnly(taking: Promise<Standing>): Promise<Standing | undefined> {
  const found = await taking;
  return found.admitted ? undefined : found;
}

/** Says how the caller stands where they are refused, or where that is asked for. */
function check(
  counter: SharedCounter,
  subject: string,
  says: boolean,
): undefined | Standing | Promise<Standing | undefined> {
  const taken = counter.take(subject);
  const settle = (admitted: boolean) =>
    admitted && !says ? undefined : counter.standingOf(subject, admitted);
  return typeof taken === "boolean" ? settle(taken) : taken.then(settle);
}
