import assert from "node:assert/strict";
import fc from "fast-check";
import {
  choleskyFactor,
  type Matrix,
  nearestCorrelation,
  solveLinear,
  symmetricEigen,
} from "../../lib/linalg.ts";

Deno.test("choleskyFactor() multiplies back to the matrix", () => {
  const matrix = [[4, 2, -2], [2, 10, 2], [-2, 2, 6]];
  const factor = choleskyFactor(matrix);
  assert.ok(factor);
  assertClose(times(factor, transposed(factor)), matrix, 1e-14);
});

Deno.test("choleskyFactor() takes a singular semi-definite matrix and refuses an indefinite one", () => {
  const perfect = [[1, 1, 0.5], [1, 1, 0.5], [0.5, 0.5, 1]];
  const factor = choleskyFactor(perfect);
  assert.ok(factor);
  assertClose(times(factor, transposed(factor)), perfect, 1e-12);
  assert.equal(choleskyFactor([[1, 0.9, -0.9], [0.9, 1, 0.9], [-0.9, 0.9, 1]]), null);
  assert.equal(choleskyFactor([[1, 1], [1, 0.5]]), null);
  assert.equal(choleskyFactor([[NaN]]), null);
});

Deno.test("solveLinear() solves what needs row exchanges and names a singular system", () => {
  assertClose([solveLinear([[0, 2], [3, 1]], [4, 5]) ?? []], [[1, 2]], 1e-14);
  assert.equal(solveLinear([[1, 2], [2, 4]], [1, 2]), null);
});

Deno.test("symmetricEigen() finds the eigenvalues of the path graph's matrix", () => {
  // The second-difference matrix of size n has eigenvalues 2 - 2 cos(k pi / (n + 1)).
  const size = 5;
  const matrix = Array.from(
    { length: size },
    (_, i) => Array.from({ length: size }, (_, j) => i === j ? 2 : Math.abs(i - j) === 1 ? -1 : 0),
  );
  const expected = matrix.map((_, k) => 2 - 2 * Math.cos((k + 1) * Math.PI / (size + 1)));
  assertClose([symmetricEigen(matrix).values.sort((a, b) => a - b)], [expected], 1e-12);
});

Deno.test("nearestCorrelation() finds Higham's published answer", () => {
  // Higham 2002, section 4, the 4 by 4 example; its nearest matrix is given to four decimals.
  const given = [[2, -1, 0, 0], [-1, 2, -1, 0], [0, -1, 2, -1], [0, 0, -1, 2]];
  const nearest = [
    [1, -0.8084, 0.1916, 0.1068],
    [-0.8084, 1, -0.6562, 0.1916],
    [0.1916, -0.6562, 1, -0.8084],
    [0.1068, 0.1916, -0.8084, 1],
  ];
  assertClose(nearestCorrelation(given), nearest, 6e-5);
});

Deno.test("nearestCorrelation() always offers what choleskyFactor() accepts", () => {
  const entry = fc.double({ min: -1, max: 1, noNaN: true });
  fc.assert(
    fc.property(fc.array(entry, { minLength: 10, maxLength: 10 }), (upper) => {
      const matrix = symmetricFrom(upper, 5);
      const offered = nearestCorrelation(matrix).map((row) =>
        row.map((value) => Number(value.toFixed(10)))
      );
      assert.ok(choleskyFactor(offered));
      offered.forEach((row, i) => assert.equal(row[i], 1));
      if (choleskyFactor(matrix)) assertClose(offered, matrix, 1e-6);
    }),
    { numRuns: 60 },
  );
});

function symmetricFrom(upper: readonly number[], size: number): number[][] {
  const matrix = Array.from({ length: size }, (_, i) => {
    const row = new Array<number>(size).fill(0);
    row[i] = 1;
    return row;
  });
  let next = 0;
  for (let i = 0; i < size; i++) {
    for (let j = i + 1; j < size; j++) {
      const value = upper[next++] ?? 0;
      matrix[i]?.splice(j, 1, value);
      matrix[j]?.splice(i, 1, value);
    }
  }
  return matrix;
}

function times(a: Matrix, b: Matrix): number[][] {
  return a.map((row) =>
    (b[0] ?? []).map((_, j) => row.reduce((sum, value, k) => sum + value * (b[k]?.[j] ?? 0), 0))
  );
}

function transposed(a: Matrix): number[][] {
  return (a[0] ?? []).map((_, j) => a.map((row) => row[j] ?? 0));
}

function assertClose(actual: Matrix, expected: Matrix, tolerance: number): void {
  assert.equal(actual.length, expected.length);
  expected.forEach((row, i) =>
    row.forEach((value, j) => {
      const found = actual[i]?.[j] ?? NaN;
      assert.ok(Math.abs(found - value) <= tolerance, `cell ${i}, ${j}: ${found} is not ${value}`);
    })
  );
}
