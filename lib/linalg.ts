/** Small dense matrices, as rows of numbers. Only + - * / and sqrt, so results are the same everywhere. */

export type Matrix = readonly (readonly number[])[];

// A rounding error of 1e-16 in a pivot lets the column below it, of order sqrt(pivot), reach 1e-8.
const pivotTolerance = 1e-10;
const columnTolerance = 1e-6;

/**
 * Lower triangular L with L L' = matrix, or null where the symmetric matrix is not positive
 * semi-definite (an eigenvalue below about -1e-10). A zero pivot is allowed: its column is zero.
 */
export function choleskyFactor(matrix: Matrix): number[][] | null {
  const size = matrix.length;
  const factor = Array.from({ length: size }, () => new Array<number>(size).fill(0));
  for (let column = 0; column < size; column++) {
    const pivot = entry(matrix, column, column) - dot(factor, column, column, column);
    if (!(pivot >= -pivotTolerance)) return null;
    const diagonal = pivot > pivotTolerance ? Math.sqrt(pivot) : 0;
    row(factor, column)[column] = diagonal;
    for (let below = column + 1; below < size; below++) {
      const rest = entry(matrix, below, column) - dot(factor, below, column, column);
      if (diagonal === 0 && !(Math.abs(rest) <= columnTolerance)) return null;
      row(factor, below)[column] = diagonal === 0 ? 0 : rest / diagonal;
    }
  }
  return factor;
}

/** x with A x = b, by elimination with partial pivoting, or null where A is singular. */
export function solveLinear(a: Matrix, b: readonly number[]): number[] | null {
  const size = b.length;
  const rows = a.map((cells, index) => [...cells, b[index] ?? 0]);
  for (let step = 0; step < size; step++) {
    const pivot = largestBelow(rows, step);
    if (Math.abs(entry(rows, pivot, step)) < 1e-12) return null;
    [rows[step], rows[pivot]] = [row(rows, pivot), row(rows, step)];
    for (let below = step + 1; below < size; below++) {
      const ratio = entry(rows, below, step) / entry(rows, step, step);
      for (let column = step; column <= size; column++) {
        row(rows, below)[column] = entry(rows, below, column) - ratio * entry(rows, step, column);
      }
    }
  }
  return backSubstitute(rows, size);
}

/**
 * The correlation matrix nearest to a symmetric one, by alternating projections: Higham 2002,
 * "Computing the nearest correlation matrix". Eigenvalues are kept at or above 1e-8, so that
 * the answer passes `choleskyFactor` even after rounding to ten decimals.
 */
export function nearestCorrelation(matrix: Matrix): number[][] {
  const size = matrix.length;
  let current = matrix.map((cells) => [...cells]);
  let correction = matrix.map((cells) => cells.map(() => 0));
  for (let round = 0; round < 200; round++) {
    const shifted = mapCells(current, (value, i, j) => value - entry(correction, i, j));
    const projected = withEigenvaluesAtLeast(shifted, 1e-8);
    correction = mapCells(projected, (value, i, j) => value - entry(shifted, i, j));
    const next = mapCells(projected, (value, i, j) => i === j ? 1 : value);
    const moved = largestDifference(next, current);
    current = next;
    if (moved < 1e-12) break;
  }
  // One last projection, scaled back to a unit diagonal, is positive definite for certain.
  const definite = withEigenvaluesAtLeast(current, 1e-8);
  const scales = definite.map((_, i) => Math.sqrt(entry(definite, i, i)));
  return Array.from({ length: size }, (_, i) =>
    Array.from(
      { length: size },
      (_, j) => i === j ? 1 : entry(definite, i, j) / ((scales[i] ?? 1) * (scales[j] ?? 1)),
    ));
}

/** Eigenvalues and the matrix whose columns are the eigenvectors, by cyclic Jacobi rotations. */
export function symmetricEigen(matrix: Matrix): { values: number[]; vectors: number[][] } {
  const size = matrix.length;
  const work = matrix.map((cells) => [...cells]);
  const vectors = matrix.map((cells, i) => cells.map((_, j) => i === j ? 1 : 0));
  for (let sweep = 0; sweep < 60 && offDiagonal(work) > 1e-30; sweep++) {
    for (let p = 0; p < size; p++) {
      for (let q = p + 1; q < size; q++) rotate(work, vectors, p, q);
    }
  }
  return { values: work.map((_, i) => entry(work, i, i)), vectors };
}

/** One Jacobi rotation that makes cell (p, q) zero (Golub and Van Loan, 8.5). */
function rotate(work: number[][], vectors: number[][], p: number, q: number): void {
  const coupling = entry(work, p, q);
  if (coupling === 0) return;
  const ratio = (entry(work, q, q) - entry(work, p, p)) / (2 * coupling);
  const tangent = (ratio >= 0 ? 1 : -1) / (Math.abs(ratio) + Math.sqrt(ratio * ratio + 1));
  const cosine = 1 / Math.sqrt(tangent * tangent + 1);
  const sine = tangent * cosine;
  rotateColumns(work, p, q, cosine, sine);
  rotateColumns(vectors, p, q, cosine, sine);
  const rowP = [...row(work, p)], rowQ = [...row(work, q)];
  work[p] = rowP.map((value, k) => cosine * value - sine * (rowQ[k] ?? 0));
  work[q] = rowQ.map((value, k) => sine * (rowP[k] ?? 0) + cosine * value);
}

function rotateColumns(cells: number[][], p: number, q: number, cosine: number, sine: number) {
  for (const line of cells) {
    const left = line[p] ?? 0, right = line[q] ?? 0;
    line[p] = cosine * left - sine * right;
    line[q] = sine * left + cosine * right;
  }
}

function withEigenvaluesAtLeast(matrix: Matrix, least: number): number[][] {
  const { values, vectors } = symmetricEigen(matrix);
  return mapCells(matrix, (_, i, j) => {
    let sum = 0;
    values.forEach((value, k) => {
      sum += Math.max(value, least) * entry(vectors, i, k) * entry(vectors, j, k);
    });
    return sum;
  });
}

function backSubstitute(rows: Matrix, size: number): number[] {
  const solution = new Array<number>(size).fill(0);
  for (let step = size - 1; step >= 0; step--) {
    let rest = entry(rows, step, size);
    for (let later = step + 1; later < size; later++) {
      rest -= entry(rows, step, later) * (solution[later] ?? 0);
    }
    solution[step] = rest / entry(rows, step, step);
  }
  return solution;
}

function largestBelow(rows: Matrix, step: number): number {
  let best = step;
  for (let index = step + 1; index < rows.length; index++) {
    if (Math.abs(entry(rows, index, step)) > Math.abs(entry(rows, best, step))) best = index;
  }
  return best;
}

/** Sum over k < count of cell (i, k) times cell (j, k). */
function dot(cells: Matrix, i: number, j: number, count: number): number {
  let sum = 0;
  for (let k = 0; k < count; k++) sum += entry(cells, i, k) * entry(cells, j, k);
  return sum;
}

function offDiagonal(cells: Matrix): number {
  let sum = 0;
  cells.forEach((line, i) => line.forEach((value, j) => sum += i === j ? 0 : value * value));
  return sum;
}

function largestDifference(a: Matrix, b: Matrix): number {
  let largest = 0;
  a.forEach((line, i) =>
    line.forEach((value, j) => largest = Math.max(largest, Math.abs(value - entry(b, i, j))))
  );
  return largest;
}

function mapCells(cells: Matrix, change: (value: number, i: number, j: number) => number) {
  return cells.map((line, i) => line.map((value, j) => change(value, i, j)));
}

function row(cells: number[][], index: number): number[] {
  const found = cells[index];
  if (!found) throw new RangeError(`row ${index} is outside the matrix`);
  return found;
}

function entry(cells: Matrix, i: number, j: number): number {
  const found = cells[i]?.[j];
  if (found === undefined) throw new RangeError(`cell ${i}, ${j} is outside the matrix`);
  return found;
}
