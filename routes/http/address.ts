import { printAddress, readAddress } from "../../lib/address.ts";

const seen = new Map<string, string>();
const seenMax = 4_096;

/** What `Deno.serve` hands to the app beside the request. */
interface ServeInfo {
  remoteAddr?: { hostname?: string };
}

/**
 * The caller's address, in its one spelling: the peer's own, or behind `trustedProxies` proxies of ours the entry of
 * X-Forwarded-For that the outermost of them wrote. What stands further left was written by the caller and proves
 * nothing; where fewer entries stand than we have proxies, or no address stands there, it is the peer's. `Forwarded`
 * (RFC 7239) is not read at all: proxies that do not know it pass on what a caller wrote there.
 */
export function addressOf(headers: Headers, serveInfo: unknown, trustedProxies: number): string {
  const peer = (serveInfo as ServeInfo | undefined)?.remoteAddr?.hostname ?? "";
  const forwarded = trustedProxies === 0 ? undefined : entryOf(headers, trustedProxies);
  return forwarded ?? spelt(peer) ?? peer;
}

/** The entry so many from the right, without looking at more of the list: a caller may have made it long. */
function entryOf(headers: Headers, fromRight: number): string | undefined {
  const list = headers.get("x-forwarded-for");
  if (list === null) return undefined;
  let end = list.length;
  for (let passed = 1; passed < fromRight; passed++) {
    end = list.lastIndexOf(",", end - 1);
    if (end <= 0) return undefined;
  }
  return spelt(list.slice(list.lastIndexOf(",", end - 1) + 1, end));
}

/** Undefined for what is no address. Remembered, since the same callers come again and reading costs a microsecond. */
function spelt(text: string): string | undefined {
  const known = seen.get(text);
  if (known !== undefined) return known;
  const address = readAddress(text);
  if (address === undefined) return undefined;
  if (seen.size >= seenMax) seen.clear();
  const printed = printAddress(address);
  seen.set(text, printed);
  return printed;
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
