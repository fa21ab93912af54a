import { networkOf } from "../../../lib/address.ts";

/**
 * The part of an address that says where somebody is without saying who: /24 of IPv4, /48 of IPv6 (RFC 6177: what one
 * site gets). Empty for what is no address.
 */
export function addressPrefixOf(address: string): string {
  return networkOf(address, { octets: 3, groups: 3 });
}
