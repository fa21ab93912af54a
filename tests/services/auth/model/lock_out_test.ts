import assert from "node:assert/strict";
import { addressPrefixOf } from "../../../../services/auth/model/address_prefix.ts";
import { lockedUntilMs } from "../../../../services/auth/model/lock_out.ts";

const locks: [failures: number, seconds: number | null][] = [
  [1, null],
  [4, null],
  [5, 1],
  [6, 2],
  [7, 4],
  [10, 32],
  [11, 60],
  [12, 60],
  [1_000_000, 60],
];

Deno.test("an account locks gradually and for a minute at most", () => {
  for (const [failures, seconds] of locks) {
    const expected = seconds === null ? null : 1_000_000 + seconds * 1_000;
    assert.equal(lockedUntilMs(failures, 1_000_000), expected, `${failures} failures`);
  }
});

const prefixes: Record<string, string> = {
  "203.0.113.77": "203.0.113.0/24",
  "::ffff:203.0.113.77": "203.0.113.0/24",
  "2001:db8:aa:1::7": "2001:db8:aa::/48",
  "2001:0DB8:00AA:ffff:1:2:3:4": "2001:db8:aa::/48",
  "2001:db8::1": "2001:db8:0::/48",
  "::1": "0:0:0::/48",
  "": "",
  "unknown": "",
  "203.0.113": "",
};

Deno.test("an address is kept by its /24 or /48 only", () => {
  for (const [address, prefix] of Object.entries(prefixes)) {
    assert.equal(addressPrefixOf(address), prefix, address);
  }
});
