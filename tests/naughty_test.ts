import assert from "node:assert/strict";
import { sendRawHeader } from "./naughty/raw_request.ts";
import { startRig } from "./naughty/rig.ts";
import { headerNames, headerSlotsOf, type Slot, slotsOf } from "./naughty/slots.ts";
import { naughtyStrings } from "./naughty/strings.ts";
import { sweep } from "./naughty/sweep.ts";
import { type TestApp, withApp } from "./support/app.ts";
import { endpointsOf } from "./support/endpoints.ts";
import { testWithShared } from "./support/shared_data.ts";

/**
 * `deno task test tests/naughty_test.ts -- --full` tries every string in every place, which takes an hour or more;
 * `-- --full "POST /v1/alerts"` does so for the routes whose name holds that. Else each string goes into one place of
 * each operation, and so each place gets its share of the strings.
 */
const isFull = Deno.args.includes("--full");
const part = Deno.args.find((argument) => !argument.startsWith("-")) ?? "";

function test(name: string, work: (app: TestApp, strings: string[]) => Promise<void>) {
  testWithShared<string[]>(name, "security/blns.json", async (bigList) => {
    const clean = Object.getOwnPropertyNames(Object.prototype);
    await withApp(async (app) => {
      await work(app, naughtyStrings(bigList));
      assert.deepEqual(errorsIn(app.logged), []);
    });
    assert.deepEqual(Object.getOwnPropertyNames(Object.prototype), clean);
  });
}

test(
  "every naughty string, in every operation, is refused as documented or kept as it was sent",
  async (app, strings) => {
    const rig = await startRig(app);
    const { kept, faults } = await sweep(rig, part, (endpoint, caller, at) => {
      const slots = slotsOf(endpoint, rig.endpoints, caller.mine);
      if (isFull || slots.length === 0) return product(slots, strings);
      // Strings of one kind stand beside each other, so that each place gets some of every kind.
      return strings.map((text, nth) => ({ slot: slots[(nth + at) % slots.length]!, text }));
    });
    assert.deepEqual([...faults], []);
    // Refusing everything would be no proof.
    assert.ok(kept.size >= 30 || part !== "", [...kept].join("\n"));
  },
);

test(
  "every naughty string, in every header, is refused as documented or means nothing",
  async (app, strings) => {
    const rig = await startRig(app);
    const count = rig.endpoints.length;
    const { accepted, faults } = await sweep(rig, part, (endpoint, _, at) => {
      const slots = headerSlotsOf(endpoint);
      if (isFull) return product(slots, strings);
      // Each string in every other header, and each operation with its share of both.
      return slots.flatMap((slot, header) =>
        strings.filter((_, nth) => (nth + header) % 2 === 0 && (nth + header) / 2 % count === at)
          .map((text) => ({ slot, text }))
      );
    });
    assert.deepEqual([...faults], []);
    assert.ok(accepted >= strings.length || part !== "");
  },
);

test(
  "every naughty string as bytes on the wire, in every header, is answered, and adds nothing to the answer",
  async (app, strings) => {
    const { token } = await app.signUp();
    const reading = endpointsOf(app).filter(({ method, path }) =>
      method === "GET" && !path.includes(":")
    );
    const faults: string[] = [];
    for (const [nth, text] of strings.entries()) {
      // A fourth of the headers for each string, and all of them for every four neighbours.
      const names = headerNames.filter((_, at) => isFull || at % 4 === nth % 4);
      for (const [at, name] of names.entries()) {
        const { path } = reading[(nth + at) % reading.length]!;
        const { status, head } = await sendRawHeader(app.url, path, { name, text, token });
        const isAnswered = status >= 200 && status < 500 && !/^set-cookie:/im.test(head);
        if (!isAnswered) faults.push(`GET ${path}, ${name}: ${JSON.stringify(text)}: ${head}`);
      }
    }
    assert.deepEqual(faults, []);
  },
);

function product(slots: Slot[], strings: string[]) {
  return slots.flatMap((slot) => strings.map((text) => ({ slot, text })));
}

/** Each entry is one line of JSON, whatever was sent; a part that was slow to answer is no fault of a string's. */
function errorsIn(logged: string[]): string[] {
  return logged.filter((text) => {
    assert.equal(text.trimEnd().split("\n").length, 1);
    return JSON.parse(text).level === "error";
  });
}
