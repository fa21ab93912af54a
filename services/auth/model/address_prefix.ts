/**
 * The part of an address that says where somebody is without saying who: /24 of IPv4, /48 of IPv6 (RFC 6177: what one
 * site gets). Empty for what is no address.
 */
export function addressPrefixOf(address: string): string {
  const v4 = /^(?:::ffff:)?(\d{1,3}\.\d{1,3}\.\d{1,3})\.\d{1,3}$/i.exec(address)?.[1];
  if (v4 !== undefined) return `${v4}.0/24`;
  if (!/^[0-9a-f:]*:[0-9a-f:.]*$/i.test(address)) return "";
  return `${expandedGroups(address).slice(0, 3).join(":")}::/48`;
}

function expandedGroups(address: string): string[] {
  const [head = "", tail] = address.toLowerCase().split("::");
  const before = head.split(":").filter(Boolean);
  const after = (tail ?? "").split(":").filter(Boolean);
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  return [...before, ...Array<string>(zeros).fill("0"), ...after]
    .map((group) => group.replace(/^0+(?=.)/, ""));
}
