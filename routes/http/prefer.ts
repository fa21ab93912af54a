const waitMaxMs = 5_000;

/** How long the caller would wait, from `Prefer: wait=5` (RFC 7240); at most five seconds. */
export function preferredWaitMs(prefer: string | undefined): number {
  const seconds = /(?:^|[,;\s])wait=(\d{1,4})(?:$|[,;\s])/.exec(prefer ?? "")?.[1];
  return Math.min(Number(seconds ?? 0) * 1_000, waitMaxMs);
}
