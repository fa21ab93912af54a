import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type Adjustable,
  adjustBars,
  type CorporateAction,
} from "../../../../services/market_data/model/mod.ts";

const bar = (startMs: number, close: number, volume = 1_000): Adjustable => ({
  startMs,
  open: close,
  high: close + 8,
  low: close - 8,
  close,
  volume,
});

Deno.test("a split of four for one quarters the prices before it and quadruples the volumes", () => {
  const actions: CorporateAction[] = [{ kind: "split", exMs: 3, numerator: 4, denominator: 1 }];
  const raw = [bar(1, 400), bar(2, 404), bar(3, 101, 4_000)];
  const split = adjustBars(raw, actions, "none", "split");
  assert.deepEqual(split?.map(({ close, volume }) => [close, volume]), [
    [100, 4_000],
    [101, 4_000],
    [101, 4_000],
  ]);
  assert.deepEqual(adjustBars(split ?? [], actions, "split", "none"), raw);
});

Deno.test("a dividend of 2 against a close of 100 takes 2 % off everything before it", () => {
  const actions: CorporateAction[] = [{ kind: "dividend", exMs: 3, amount: 2 }];
  const bars = [bar(1, 50), bar(2, 100), bar(3, 98)];
  const closes = adjustBars(bars, actions, "split", "all")?.map(({ close }) => close);
  assert.deepEqual(closes, [49, 98, 98]);
  assert.deepEqual(adjustBars(bars, actions, "none", "split"), bars);
});

Deno.test("the total return over splits and dividends is that of the adjusted prices", () => {
  // One share at 200: split 2 for 1, then 1 a share at a close of 100, put into shares at 99.
  const actions: CorporateAction[] = [
    { kind: "dividend", exMs: 4, amount: 1 },
    { kind: "split", exMs: 2, numerator: 2, denominator: 1 },
  ];
  const raw = [bar(1, 200), bar(2, 102), bar(3, 100), bar(4, 99)];
  const all = adjustBars(raw, actions, "none", "all") ?? [];
  const held = 2 * (1 + 1 / 99);
  assert.ok(Math.abs(all[3]!.close / all[0]!.close - held * 99 / 200) < 1e-6);
});

Deno.test("an event before the first bar or a change of no kind changes nothing", () => {
  fc.assert(fc.property(
    fc.array(fc.integer({ min: 1, max: 1_000 }), { minLength: 1, maxLength: 20 }),
    fc.constantFrom("none" as const, "split" as const, "all" as const),
    (closes, kind) => {
      const bars = closes.map((close, at) => bar(at + 10, close));
      const early: CorporateAction[] = [{ kind: "split", exMs: 5, numerator: 7, denominator: 3 }];
      assert.deepEqual(adjustBars(bars, early, "none", "all"), bars);
      assert.deepEqual(adjustBars(bars, early, kind, kind), bars);
      assert.deepEqual(adjustBars(bars, [], "all", "none"), bars);
    },
  ));
});

Deno.test("dividends cannot be taken out again, and that is said", () => {
  const actions: CorporateAction[] = [{ kind: "dividend", exMs: 3, amount: 2 }];
  assert.equal(adjustBars([bar(1, 50)], actions, "all", "split"), undefined);
});
