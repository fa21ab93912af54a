import assert from "node:assert/strict";
import { addressOf } from "../../../routes/http/address.ts";

const peer = "198.51.100.7";

function address(forwarded: string | undefined, trustedProxies: number): string {
  const headers = new Headers(forwarded === undefined ? {} : { "x-forwarded-for": forwarded });
  return addressOf(headers, { remoteAddr: { hostname: peer } }, trustedProxies);
}

/** Each proxy appends the address of whoever called it: the outermost of ours stands `trustedProxies` from the right. */
const cases: [forwarded: string | undefined, trustedProxies: number, address: string][] = [
  [undefined, 0, peer],
  ["203.0.113.9", 0, peer],
  ["203.0.113.9", 1, "203.0.113.9"],
  ["10.0.0.1, 203.0.113.9", 1, "203.0.113.9"],
  ["6.6.6.6, 203.0.113.9, 192.0.2.1", 2, "203.0.113.9"],
  ["6.6.6.6,203.0.113.9,192.0.2.1", 2, "203.0.113.9"],
  ["2001:db8::7", 1, "2001:db8::7"],
  // Fewer entries than proxies: the request came past one of them.
  ["203.0.113.9", 2, peer],
  [undefined, 1, peer],
  ["", 1, peer],
  [" , ", 1, peer],
];

Deno.test("a caller's address is what the outermost proxy of ours saw, and never what the caller wrote", () => {
  for (const [forwarded, trustedProxies, expected] of cases) {
    assert.equal(address(forwarded, trustedProxies), expected, `${forwarded} / ${trustedProxies}`);
  }
});

Deno.test("an address that nobody knows is empty", () => {
  assert.equal(addressOf(new Headers(), undefined, 0), "");
  assert.equal(addressOf(new Headers(), { remoteAddr: {} }, 1), "");
});
