/** Linear algebra of small symmetric matrices, as rows of numbers. */

/** Rows of equal length. */
export type Matrix = readonly (readonly number[])[];

/** Mean of each column. */
export function columnMeans(rows: Matrix): number[] {
  return rows[0].map((_, i) => rows.reduce((sum, row) => sum + row[i], 0) / rows.length);
}

/** Covariance of the columns; the divisor is the number of rows. */
export function covariance(rows: Matrix): number[][] {
  const means = columnMeans(rows);
  return means.map((_, i) =>
    means.map((_, j) =>
      rows.reduce((sum, row) => sum + (row[i] - means[i]) * (row[j] - means[j]), 0) / rows.length
    )
  );
}

/**
 * The lower triangle L with L Lᵀ = the matrix, for making correlated numbers out of independent ones.
 *
 * @throws {RangeError} When it is not positive definite: such a covariance does not exist.
 *
 * @example
 * ```ts
 * import { cholesky } from "./matrix.ts";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(cholesky([[4, 2], [2, 10]]), [[2, 0], [1, 3]]);
 * ```
 */
export function cholesky(matrix: Matrix): number[][] {
  const lower = matrix.map((row) => row.map(() => 0));
  for (let i = 0; i < matrix.length; i++) {
    for (let j = 0; j <= i; j++) {
      let rest = matrix[i][j];
      for (let k = 0; k < j; k++) rest -= lower[i][k] * lower[j][k];
      if (i !== j) lower[i][j] = rest / lower[j][j];
      else if (rest > 0) lower[i][i] = Math.sqrt(rest);
      else throw new RangeError(`Cannot factor a matrix as it must be positive definite: row ${i} is not`);
    }
  }
  return lower;
}

/** The inverse of a positive definite matrix. */
export function inverse(matrix: Matrix): number[][] {
  const lower = cholesky(matrix);
  const size = matrix.length;
  const columns = matrix.map((_, unit) => {
    const x = new Array<number>(size).fill(0);
    for (let i = 0; i < size; i++) {
      let rest = i === unit ? 1 : 0;
      for (let k = 0; k < i; k++) rest -= lower[i][k] * x[k];
      x[i] = rest / lower[i][i];
    }
    for (let i = size - 1; i >= 0; i--) {
      let rest = x[i];
      for (let k = i + 1; k < size; k++) rest -= lower[k][i] * x[k];
      x[i] = rest / lower[i][i];
    }
    return x;
  });
  return columns; // symmetric
}

/** Sweeps after which the off-diagonal of matrices of this size is zero to the last bit; it takes 6 to 10. */
const MOST_SWEEPS = 50;

/**
 * Eigenvalues, largest first, and their eigenvectors of length 1, of a symmetric matrix (Jacobi 1846). Of the two
 * directions of a vector it is the one in which its largest component is positive, so that the same matrix always
 * gives the same.
 */
export function eigen(matrix: Matrix): { value: number; vector: number[] }[] {
  const a = matrix.map((row) => [...row]);
  const size = a.length;
  const v = a.map((_, i) => a.map((_, j): number => i === j ? 1 : 0));
  const scale = Math.max(...a.map((row, i) => Math.abs(row[i])));
  for (let sweep = 0; sweep < MOST_SWEEPS; sweep++) {
    let off = 0;
    for (let p = 0; p < size; p++) for (let q = p + 1; q < size; q++) off = Math.max(off, Math.abs(a[p][q]));
    if (off <= scale * 1e-15) break;
    for (let p = 0; p < size; p++) {
      for (let q = p + 1; q < size; q++) {
        if (a[p][q] === 0) continue;
        const theta = (a[q][q] - a[p][p]) / (2 * a[p][q]);
        const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
        const c = 1 / Math.sqrt(t * t + 1);
        const s = t * c;
        for (let k = 0; k < size; k++) {
          [a[k][p], a[k][q]] = [c * a[k][p] - s * a[k][q], s * a[k][p] + c * a[k][q]];
        }
        for (let k = 0; k < size; k++) {
          [a[p][k], a[q][k]] = [c * a[p][k] - s * a[q][k], s * a[p][k] + c * a[q][k]];
        }
        for (let k = 0; k < size; k++) {
          [v[k][p], v[k][q]] = [c * v[k][p] - s * v[k][q], s * v[k][p] + c * v[k][q]];
        }
      }
    }
  }
  return a.map((row, i) => {
    const vector = v.map((components) => components[i]);
    const largest = vector.reduce((best, x) => Math.abs(x) > Math.abs(best) ? x : best, 0);
    return { value: row[i], vector: largest < 0 ? vector.map((x) => -x) : vector };
  }).sort((x, y) => y.value - x.value);
}
