import assert from "node:assert/strict";
import fc from "fast-check";
import { networkOf, printAddress, readAddress } from "../../lib/address.ts";

const spellings: [given: string, read: string | undefined][] = [
  ["203.0.113.9", "203.0.113.9"],
  [" 203.0.113.9 ", "203.0.113.9"],
  ["203.0.113.9:51234", "203.0.113.9"],
  ["[2001:db8::7]:443", "2001:db8::7"],
  ["[2001:DB8:0:0:0:0:0:7]", "2001:db8::7"],
  ["fe80::1%eth0", "fe80::1"],
  ["::ffff:192.0.2.1", "192.0.2.1"],
  ["::FFFF:c000:201", "192.0.2.1"],
  ["[::ffff:192.0.2.1]:80", "192.0.2.1"],
  ["0:0:0:0:0:ffff:192.0.2.1", "192.0.2.1"],
  ["64:ff9b::192.0.2.1", "64:ff9b::c000:201"],
  ["2001:db8:0:1:0:0:0:1", "2001:db8:0:1::1"],
  ["1:0:0:2:0:0:0:3", "1:0:0:2::3"],
  ["::", "::"],
  ["::1", "::1"],
  ["1::", "1::"],
  ["10:0:0:10:1:2:3:4", "10::10:1:2:3:4"],
  ["", undefined],
  ["unknown", undefined],
  ["_hidden", undefined],
  ["for=203.0.113.9", undefined],
  ['"203.0.113.9"', undefined],
  ["203.0.113", undefined],
  ["203.0.113.256", undefined],
  ["203.0.113.09", undefined],
  ["203.0.113.9.", undefined],
  ["203.0.113.9.1", undefined],
  ["0x7f.1.1.1", undefined],
  ["1:2:3:4:5:6:7", undefined],
  ["1:2:3:4:5:6:7:8:9", undefined],
  ["1:2:3:4::5:6:7:8", undefined],
  ["1::2::3", undefined],
  ["12345::", undefined],
  ["::1.2.3.4:5", undefined],
  ["1.2.3.4::", undefined],
  [":1", undefined],
  [":::", undefined],
  ["2001:db8::g", undefined],
];

Deno.test("an address is read in each of its spellings, and nothing else is one", () => {
  for (const [given, expected] of spellings) {
    const address = readAddress(given);
    assert.equal(address && printAddress(address), expected, given);
  }
});

Deno.test("whatever way an IPv6 address is written, it is printed in one, which reads as the same address", () => {
  const groups = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff })), {
    minLength: 8,
    maxLength: 8,
  });
  fc.assert(fc.property(groups, (groups) => {
    const long = groups.map((group) => group.toString(16).toUpperCase().padStart(4, "0")).join(":");
    const address = readAddress(long);
    assert.ok(address);
    const printed = printAddress(address);
    assert.deepEqual(readAddress(printed), address);
    // The URL parser of the platform follows the same rules, but leaves mapped addresses as they are.
    if ("groups" in address) assert.equal(`[${printed}]`, new URL(`http://[${long}]/`).hostname);
  }));
});

Deno.test("all addresses of a machine are in one network, and its neighbours' are not", () => {
  const machine = { octets: 4, groups: 4 } as const;
  assert.equal(networkOf("2001:db8:1:2::7", machine), "2001:db8:1:2::/64");
  assert.equal(networkOf("2001:0db8:1:2:ffff:1:2:3", machine), "2001:db8:1:2::/64");
  assert.notEqual(networkOf("2001:db8:1:3::7", machine), "2001:db8:1:2::/64");
  assert.equal(networkOf("::ffff:192.0.2.1", machine), "192.0.2.1");
  assert.equal(networkOf("192.0.2.1", { octets: 3, groups: 3 }), "192.0.2.0/24");
  assert.equal(networkOf("nobody", machine), "");
});
