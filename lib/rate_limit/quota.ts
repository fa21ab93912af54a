/** So many calls in any window of that length. The name is what clients read. */
export interface Quota {
  name: string;
  limit: number;
  windowMs: number;
}

/** How a caller stands with a quota after a call. */
export interface Standing {
  quota: Quota;
  admitted: boolean;
  remaining: number;
  /** Until more becomes available; where the call was refused, until it is worth trying again. */
  resetSeconds: number;
}

export function standing(
  quota: Quota,
  admitted: boolean,
  remaining: number,
  resetMs: number,
): Standing {
  return {
    quota,
    admitted,
    remaining: Math.max(0, remaining),
    resetSeconds: Math.max(1, Math.ceil(resetMs / 1_000)),
  };
}

/** The two fields of draft-ietf-httpapi-ratelimit-headers-11; a structured list (RFC 9651) of one item each. */
export function rateLimitHeaders({ quota, remaining, resetSeconds }: Standing): {
  "ratelimit-policy": string;
  "ratelimit": string;
} {
  const windowSeconds = Math.ceil(quota.windowMs / 1_000);
  return {
    "ratelimit-policy": `"${quota.name}";q=${quota.limit};w=${windowSeconds}`,
    "ratelimit": `"${quota.name}";r=${remaining};t=${resetSeconds}`,
  };
}
