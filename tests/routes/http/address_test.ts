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
  [",", 2, peer],
  ["6.6.6.6,", 1, peer],
  ["203.0.113.9,", 2, "203.0.113.9"],
  // What our own proxy wrote may have a port, brackets or a mapped address; what is none of these is nobody's.
  ["203.0.113.9:51234", 1, "203.0.113.9"],
  ["6.6.6.6, [2001:DB8::7]:443", 1, "2001:db8::7"],
  ["::ffff:203.0.113.9", 1, "203.0.113.9"],
  ["6.6.6.6, unknown", 1, peer],
  ["6.6.6.6, for=203.0.113.9", 1, peer],
  ["6.6.6.6, 203.0.113.999", 1, peer],
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

Deno.test("a caller who writes a long list, or a Forwarded header, is still who they are", () => {
  const long = "6.6.6.6, ".repeat(10_000);
  assert.equal(address(`${long}203.0.113.9`, 1), "203.0.113.9");
  const headers = new Headers({ forwarded: "for=6.6.6.6" });
  assert.equal(addressOf(headers, { remoteAddr: { hostname: peer } }, 1), peer);
});

Deno.test("an IPv4 peer of a socket that takes both kinds has its IPv4 address", () => {
  const info = { remoteAddr: { hostname: "::ffff:198.51.100.7" } };
  assert.equal(addressOf(new Headers(), info, 0), peer);
});
