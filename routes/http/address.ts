/** What `Deno.serve` hands to the app beside the request. */
interface ServeInfo {
  remoteAddr?: { hostname?: string };
}

/**
 * The caller's address: the peer's own, or behind `trustedProxies` proxies of ours the entry of X-Forwarded-For that
 * the outermost of them wrote. What stands further left was written by the caller and proves nothing.
 */
export function addressOf(headers: Headers, serveInfo: unknown, trustedProxies: number): string {
  const peer = (serveInfo as ServeInfo | undefined)?.remoteAddr?.hostname ?? "";
  if (trustedProxies === 0) return peer;
  const forwarded = (headers.get("x-forwarded-for") ?? "").split(",").map((entry) => entry.trim());
  return forwarded.at(-trustedProxies) || peer;
}

/**
 * Whether the caller is a process of this machine, by the peer's own address. A proxy of ours is one too: whoever
 * forwards for somebody else does not ask itself, so that a forwarded header can only ever refuse.
 */
export function isOwnMachine(headers: Headers, serveInfo: unknown): boolean {
  if (["x-forwarded-for", "forwarded", "x-real-ip"].some((name) => headers.has(name))) return false;
  const peer = (serveInfo as ServeInfo | undefined)?.remoteAddr?.hostname ?? "";
  return /^(127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+)$/.test(peer);
}
