/** An address of the Internet, its octets (IPv4) or its sixteen-bit groups (IPv6). */
export type Address = { octets: number[] } | { groups: number[] };

/** How much of an address names a network: so many octets of IPv4, so many groups of IPv6. */
export interface NetworkSize {
  octets: 1 | 2 | 3 | 4;
  groups: 1 | 2 | 3 | 4;
}

/**
 * Reads an address as it stands in a header or comes from a socket: with or without brackets, port and zone. An IPv4
 * address inside of an IPv6 one (`::ffff:192.0.2.1`, RFC 4291) is that IPv4 address. Undefined for anything else.
 */
export function readAddress(text: string): Address | undefined {
  const bare = withoutPort(text.trim());
  const octets = readOctets(bare);
  if (octets) return { octets };
  const groups = readGroups(bare.replace(/%[\w.-]+$/, ""));
  return groups && foldMapped(groups);
}

/** The one spelling of an address: dotted, or as RFC 5952 has it. */
export function printAddress(address: Address): string {
  if ("octets" in address) return address.octets.join(".");
  const words = address.groups.map((group) => group.toString(16)).join(":");
  const zeros = words.match(/\b0(?::0)+\b/g) ?? [];
  const longest = zeros.reduce((best, run) => run.length > best.length ? run : best, "");
  if (longest === "") return words;
  const at = words.search(new RegExp(`\\b${longest}\\b`));
  const before = words.slice(0, at).replace(/:$/, "");
  return `${before}::${words.slice(at + longest.length).replace(/^:/, "")}`;
}

/** The network that an address is in: `203.0.113.0/24`, `2001:db8:1::/48`. Empty for what is no address. */
export function networkOf(text: string, { octets, groups }: NetworkSize): string {
  const address = readAddress(text);
  if (address === undefined) return "";
  if ("octets" in address) {
    const kept = address.octets.map((octet, at) => at < octets ? octet : 0).join(".");
    return octets === 4 ? kept : `${kept}/${octets * 8}`;
  }
  const kept = address.groups.slice(0, groups).map((group) => group.toString(16)).join(":");
  return `${kept}::/${groups * 16}`;
}

function withoutPort(text: string): string {
  return /^\[([^\]]*)\](?::\d{1,5})?$/.exec(text)?.[1] ?? /^([\d.]+):\d{1,5}$/.exec(text)?.[1] ??
    text;
}

/** Strictly four decimal numbers: some programs read 010 as eight, so it is no address here. */
function readOctets(text: string): number[] | undefined {
  if (!/^(?:(?:0|[1-9]\d{0,2})(?:\.(?!$)|$)){4}$/.test(text)) return undefined;
  const octets = text.split(".").map(Number);
  return octets.every((octet) => octet <= 255) ? octets : undefined;
}

function readGroups(text: string): number[] | undefined {
  const parts = text.split("::");
  if (!text.includes(":") || parts.length > 2) return undefined;
  const [head, tail] = parts.map((part) => part === "" ? [] : part.split(":").map(readGroup));
  const read = [...head ?? [], ...tail ?? []];
  if (!read.every((group) => group !== undefined)) return undefined;
  // Only the last of all may be a dotted one: it stands for two groups.
  if (read.slice(0, -1).some((group) => group.length > 1) || /\..*::$/.test(text)) return undefined;
  const before = (head ?? []).flatMap((group) => group ?? []);
  const after = (tail ?? []).flatMap((group) => group ?? []);
  const missing = 8 - before.length - after.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  return [...before, ...Array<number>(missing).fill(0), ...after];
}

function readGroup(text: string): number[] | undefined {
  if (/^[0-9a-f]{1,4}$/i.test(text)) return [parseInt(text, 16)];
  const [a = 0, b = 0, c = 0, d = 0] = readOctets(text) ?? [];
  return text.includes(".") && readOctets(text) ? [a * 256 + b, c * 256 + d] : undefined;
}

function foldMapped(groups: number[]): Address {
  const [, , , , , marker, high = 0, low = 0] = groups;
  const mapped = marker === 0xffff && groups.slice(0, 5).every((group) => group === 0);
  return mapped ? { octets: [high >> 8, high & 255, low >> 8, low & 255] } : { groups };
}
