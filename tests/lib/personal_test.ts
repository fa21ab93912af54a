import assert from "node:assert/strict";
import { createLog } from "../../lib/log.ts";
import { type Personal, personalEmail, personalName, personalPhone } from "../../lib/personal.ts";

const shown: [value: Personal, masked: string, telling: RegExp][] = [
  [personalEmail("michael@demo.com"), "m…l@demo.com", /micha|chael/],
  [personalEmail("al@demo.com"), "a…@demo.com", /al@/],
  [personalEmail("ann@demo.com"), "a…@demo.com", /nn/],
  [personalEmail("👩‍🚀.star@demo.com"), "👩…r@demo.com", /star/],
  [personalEmail("no address"), "***", /address/],
  [personalEmail("@demo.com"), "***", /demo/],
  [personalPhone("+41791234567"), "…67", /1234/],
  [personalPhone("117"), "***", /117/],
  [personalName("Ada Lovelace"), "***", /Ada|Love/],
];

Deno.test("what belongs to a person prints masked in strings, joins, JSON, inspection and both formats of the log", () => {
  for (const [value, masked, telling] of shown) {
    const printed = [
      `${value}`,
      [value].join(),
      "" + value,
      String(value),
      JSON.parse(JSON.stringify({ value })).value,
      Deno.inspect(value),
    ];
    for (const text of printed) assert.equal(text, masked);
    for (const format of ["json", "text"] as const) {
      let written = "";
      const log = createLog({ level: "info", format, now: () => 0, write: (t) => written += t });
      log.with({ bound: value }).info(`to ${value}`, {
        value,
        email: value,
        deep: [{ to: value }],
      });
      log.flush();
      assert.doesNotMatch(written, telling);
      assert.equal(written.split(masked).length - 1, 5, written);
    }
  }
});

Deno.test("the value itself is there for whoever needs it", () => {
  assert.equal(personalEmail("michael@demo.com").reveal(), "michael@demo.com");
});
