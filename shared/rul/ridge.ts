/** Ridge regression (Hoerl & Kennard 1970): least squares with a penalty on the weights, not on the intercept. */

/** A weight a column. */
export interface LinearModel {
  readonly intercept: number;
  readonly weights: readonly number[];
}

/** Solves a positive definite system in place, by Cholesky's decomposition. */
function solve(matrix: Float64Array, size: number, right: Float64Array): Float64Array {
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let rest = matrix[i * size + j];
      for (let k = 0; k < j; k++) rest -= matrix[i * size + k] * matrix[j * size + k];
      matrix[i * size + j] = i === j ? Math.sqrt(rest) : rest / matrix[j * size + j];
    }
  }
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < i; k++) right[i] -= matrix[i * size + k] * right[k];
    right[i] /= matrix[i * size + i];
  }
  for (let i = size - 1; i >= 0; i--) {
    for (let k = i + 1; k < size; k++) right[i] -= matrix[k * size + i] * right[k];
    right[i] /= matrix[i * size + i];
  }
  return right;
}

/**
 * Fits weights.
 *
 * @param values Row by row, `columns` a row, all finite.
 * @param penalty Above 0: it is what makes columns that depend on each other harmless.
 */
export function fitRidge(
  values: Float64Array,
  columns: number,
  targets: Float64Array,
  penalty: number,
): LinearModel {
  const rows = targets.length;
  const means = new Float64Array(columns);
  for (let i = 0; i < values.length; i++) means[i % columns] += values[i] / rows;
  const meanTarget = targets.reduce((sum, target) => sum + target, 0) / rows;
  const gram = new Float64Array(columns * columns);
  const right = new Float64Array(columns);
  const centred = new Float64Array(columns);
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < columns; i++) centred[i] = values[row * columns + i] - means[i];
    for (let i = 0; i < columns; i++) {
      for (let j = 0; j <= i; j++) gram[i * columns + j] += centred[i] * centred[j];
      right[i] += centred[i] * (targets[row] - meanTarget);
    }
  }
  for (let i = 0; i < columns; i++) gram[i * columns + i] += penalty;
  const weights = solve(gram, columns, right);
  return {
    intercept: weights.reduce((rest, weight, i) => rest - weight * means[i], meanTarget),
    weights: [...weights],
  };
}
