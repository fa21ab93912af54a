/** What holds for any model. */
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  compileModel,
  type ExplicitModel,
  modelIssues,
  runChunk,
  summarise,
} from "../../../../services/simulation/model/mod.ts";

const double = (min: number, max: number) => fc.double({ min, max, noNaN: true });

/** Any allowed model of one to three assets and one to three regimes, extremes included. */
const anyModel: fc.Arbitrary<ExplicitModel> = fc
  .record({ assets: fc.integer({ min: 1, max: 3 }), regimes: fc.integer({ min: 1, max: 3 }) })
  .chain(({ assets, regimes }) =>
    fc.record({
      months: fc.integer({ min: 1, max: 60 }),
      initial: fc.oneof(double(0, 1e15), double(0, 1000)),
      monthlyFlow: fc.oneof(double(-1e15, 1e15), double(-20, 20)),
      shares: fc.array(double(0.001, 1), { minLength: assets, maxLength: assets }),
      rebalance: fc.constantFrom("never" as const, "annual" as const, "monthly" as const),
      drift: fc.array(double(-1, 1), { minLength: 9, maxLength: 9 }),
      volatility: fc.array(double(0, 1), { minLength: 9, maxLength: 9 }),
      rho: double(0, 1),
      chain: fc.array(double(0.001, 1), { minLength: 9, maxLength: 9 }),
      dof: fc.option(double(2.01, 30)),
    }).map((drawn) => modelFrom(drawn, assets, regimes))
  );

Deno.test("no allowed model ever leads to a number that is none", () => {
  fc.assert(
    fc.property(anyModel, fc.nat(), (model, seed) => {
      assert.deepEqual(modelIssues(model), []);
      const partial = runChunk(compileModel(model), { seed, firstPath: 0, pathCount: 20 });
      assertFinite(summarise(partial), "summary");
    }),
    { numRuns: 300 },
  );
});

Deno.test("spending more never makes success more likely on the same seed", () => {
  fc.assert(
    fc.property(anyModel, double(0, 30), double(0, 30), fc.nat(), (model, one, other, seed) => {
      const spend = (amount: number) => {
        const program = compileModel({ ...model, initial: 1000, monthlyFlow: -amount });
        return runChunk(program, { seed, firstPath: 0, pathCount: 30 }).successes;
      };
      assert.ok(spend(Math.max(one, other)) <= spend(Math.min(one, other)));
    }),
    { numRuns: 200 },
  );
});

interface Drawn {
  months: number;
  initial: number;
  monthlyFlow: number;
  shares: number[];
  rebalance: ExplicitModel["rebalance"];
  drift: number[];
  volatility: number[];
  rho: number;
  chain: number[];
  dof: number | null;
}

function modelFrom(drawn: Drawn, assets: number, regimes: number): ExplicitModel {
  const { months, initial, monthlyFlow, rebalance, rho, dof } = drawn;
  const slice = (values: number[], regime: number, length: number) =>
    values.slice(3 * regime, 3 * regime + length);
  const indices = Array.from({ length: regimes }, (_, index) => index);
  return {
    paths: 20,
    months,
    initial,
    monthlyFlow,
    rebalance,
    assets: Array.from({ length: assets }, (_, index) => `asset ${index}`),
    weights: normalised(drawn.shares),
    regimes: indices.map((regime) => ({
      name: `regime ${regime}`,
      drift: slice(drawn.drift, regime, assets),
      volatility: slice(drawn.volatility, regime, assets),
      correlation: Array.from(
        { length: assets },
        (_, i) => Array.from({ length: assets }, (_, j) => i === j ? 1 : rho),
      ),
    })),
    transition: indices.map((regime) => normalised(slice(drawn.chain, regime, regimes))),
    start: "stationary",
    innovations: dof === null ? { kind: "gaussian" } : { kind: "student_t", dof },
  };
}

function normalised(values: readonly number[]): number[] {
  const sum = values.reduce((total, value) => total + value, 0);
  return values.map((value) => value / sum);
}

/** Every number within `value` must be finite. */
function assertFinite(value: unknown, path: string): void {
  if (typeof value === "number") assert.ok(Number.isFinite(value), `${path} is ${value}`);
  else if (typeof value === "object" && value !== null) {
    for (const [key, inner] of Object.entries(value)) assertFinite(inner, `${path}.${key}`);
  }
}
