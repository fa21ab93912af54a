import assert from "node:assert/strict";
import {
  compileModel,
  type ExplicitModel,
  modelIssues,
  runChunk,
} from "../../../../services/simulation/model/mod.ts";
import { choleskyFactor } from "../../../../lib/linalg.ts";
import { fourRegimePlan } from "./models.ts";

const good = fourRegimePlan({});

Deno.test("modelIssues() has nothing against a good model", () => {
  assert.deepEqual(modelIssues(good), []);
});

Deno.test("modelIssues() names the field of every bad input", () => {
  const [bull, ...others] = good.regimes;
  assert.ok(bull);
  const withBull = (change: object) => ({ regimes: [{ ...bull, ...change }, ...others] });
  const cases: [string, Partial<ExplicitModel>][] = [
    ["weights", { weights: [0.5, 0.4] }],
    ["weights", { weights: [0.65, 0.350002] }],
    ["weights", { weights: [1] }],
    ["weights.1", { weights: [1.2, -0.2] }],
    ["weights.0", { weights: [NaN, 1] }],
    ["paths", { paths: -1 }],
    ["paths", { paths: 0 }],
    ["paths", { paths: 1_000_001 }],
    ["paths", { paths: 10.5 }],
    ["months", { months: 0 }],
    ["months", { months: 841 }],
    ["initial", { initial: -1 }],
    ["initial", { initial: NaN }],
    ["monthlyFlow", { monthlyFlow: NaN }],
    ["assets", { assets: ["stocks", "stocks"] }],
    ["assets", { assets: Array.from({ length: 17 }, (_, index) => `a${index}`) }],
    ["regimes", { regimes: [] }],
    ["regimes", withBull({ name: "bear" })],
    ["regimes.0.drift", withBull({ drift: [0.01] })],
    ["regimes.0.drift.1", withBull({ drift: [0.01, NaN] })],
    ["regimes.0.volatility.0", withBull({ volatility: [-0.01, 0.01] })],
    ["regimes.0.volatility.0", withBull({ volatility: [Infinity, 0.01] })],
    ["regimes.0.correlation", withBull({ correlation: [[1, 0.1], [0.2, 1]] })],
    ["regimes.0.correlation", withBull({ correlation: [[1, 1.1], [1.1, 1]] })],
    ["regimes.0.correlation", withBull({ correlation: [[1, NaN], [NaN, 1]] })],
    ["regimes.0.correlation", withBull({ correlation: [[1]] })],
    ["transition", { transition: [[1]] }],
    ["transition.1", { transition: good.transition.map((row, i) => i === 1 ? [1, 1, 0, 0] : row) }],
    [
      "transition.2.0",
      { transition: good.transition.map((row, i) => i === 2 ? [-1, 1, 1, 0] : row) },
    ],
    ["start", { start: "sideways" }],
    ["start", { transition: good.transition.map((row, i) => row.map((_, j) => i === j ? 1 : 0)) }],
    ["innovations.dof", { innovations: { kind: "student_t", dof: 2 } }],
    ["innovations.dof", { innovations: { kind: "student_t", dof: 31 } }],
    ["innovations.dof", { innovations: { kind: "student_t", dof: NaN } }],
  ];
  for (const [path, change] of cases) {
    const paths = modelIssues({ ...good, ...change }).map((issue) => issue.path);
    assert.ok(paths.includes(path), `${path} is missing among: ${paths.join(", ")}`);
  }
});

Deno.test("modelIssues() offers the nearest matrix where a correlation is not semi-definite", () => {
  const correlation = [[1, 0.9, -0.9], [0.9, 1, 0.9], [-0.9, 0.9, 1]];
  const regimes = good.regimes.map((regime) => ({
    ...regime,
    drift: [0, 0, 0],
    volatility: [0.1, 0.1, 0.1],
    correlation,
  }));
  const issues = modelIssues({ ...good, assets: ["a", "b", "c"], weights: [1, 0, 0], regimes });
  assert.deepEqual(
    issues.map((issue) => issue.path),
    [0, 1, 2, 3].map((k) => `regimes.${k}.correlation`),
  );
  assert.ok(issues[0]?.nearest && choleskyFactor(issues[0].nearest));
});

Deno.test("runChunk() refuses an impossible chunk", () => {
  const program = compileModel(good);
  for (
    const wrong of [
      { seed: -1, firstPath: 0, pathCount: 1 },
      { seed: 0.5, firstPath: 0, pathCount: 1 },
      { seed: 1, firstPath: -1, pathCount: 1 },
      { seed: 1, firstPath: 0, pathCount: 0 },
      { seed: 1, firstPath: 0, pathCount: NaN },
      { seed: 1, firstPath: 999_999, pathCount: 2 },
    ]
  ) {
    assert.throws(() => runChunk(program, wrong), RangeError);
  }
});
