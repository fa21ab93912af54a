import assert from "node:assert/strict";
import { ChosenId } from "../../lib/chosen_id.ts";
import { msOfUuidv7, uuidv7Maker } from "../../lib/ids.ts";
import { systemRandom } from "../../lib/random.ts";
import { dayMs, minuteMs } from "../../lib/time.ts";

const madeAt = (ms: number) => uuidv7Maker(() => ms, systemRandom)();

Deno.test("a client may choose a UUIDv7 of any moment up to a day from now, in capitals too", () => {
  for (const ms of [0, 1_600_000_000_000, Date.now(), Date.now() + dayMs - minuteMs]) {
    const id = madeAt(ms);
    assert.equal(msOfUuidv7(id), ms);
    assert.equal(ChosenId.parse(id), id);
    assert.equal(ChosenId.parse(id.toUpperCase()), id);
  }
});

Deno.test("another version, and a moment more than a day ahead, are no ids to choose", () => {
  const id = madeAt(Date.now());
  const others = [..."12345680f"].map((version) => `${id.slice(0, 14)}${version}${id.slice(15)}`);
  const wrong = [
    ...others,
    crypto.randomUUID(),
    madeAt(Date.now() + dayMs + minuteMs),
    madeAt(2 ** 48 - 1),
    "00000000-0000-0000-0000-000000000000",
    "ffffffff-ffff-ffff-ffff-ffffffffffff",
    `${id}0`,
    ` ${id}`,
    id.replaceAll("-", ""),
    "",
  ];
  for (const text of wrong) assert.ok(!ChosenId.safeParse(text).success, text);
});
