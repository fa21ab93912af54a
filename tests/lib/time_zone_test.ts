import assert from "node:assert/strict";
import { isTimeZone } from "../../lib/time_zone.ts";

Deno.test("names of the IANA list are time zones, offsets and made-up names are none, however often they are asked for", () => {
  for (let time = 0; time < 2; time++) {
    for (const name of Intl.supportedValuesOf("timeZone")) assert.ok(isTimeZone(name), name);
    assert.ok(isTimeZone("UTC") && isTimeZone("America/Argentina/Ushuaia"));
    const others = [
      "",
      "+01:00",
      "utc",
      "Mars/Base",
      "Europe/Berlin ",
      "europe/berlin",
      "Z",
      "__proto__",
    ];
    for (const name of others) assert.equal(isTimeZone(name), false, name);
  }
});
