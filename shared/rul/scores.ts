/** How far predictions of remaining life are from the truth, in flight cycles. */

/** Errors of some predictions. */
export interface RulErrors {
  readonly predictions: number;
  /** Root mean square error. */
  readonly rmse: number;
  /** Mean absolute error. */
  readonly mae: number;
  /** Mean of predicted less actual: above 0 it promises more life than there is. */
  readonly bias: number;
  /** Score of the PHM08 challenge, summed over the predictions; 0 is best. */
  readonly phm08: number;
}

/**
 * Score of the PHM08 challenge (Saxena et al. 2008, equation 9): an error of d cycles, predicted less actual, costs
 * exp(-d/13) - 1 when the prediction is too early and exp(d/10) - 1 when it is too late.
 */
export function phm08Score(predicted: ArrayLike<number>, actual: ArrayLike<number>): number {
  let score = 0;
  for (let i = 0; i < predicted.length; i++) {
    const late = predicted[i] - actual[i];
    score += Math.expm1(late < 0 ? -late / 13 : late / 10);
  }
  return score;
}

/** All errors of predictions; NaN where there are none. */
export function rulErrors(predicted: ArrayLike<number>, actual: ArrayLike<number>): RulErrors {
  const count = predicted.length;
  let [squares, absolutes, sum] = [0, 0, 0];
  for (let i = 0; i < count; i++) {
    const late = predicted[i] - actual[i];
    squares += late * late;
    absolutes += Math.abs(late);
    sum += late;
  }
  return {
    predictions: count,
    rmse: Math.sqrt(squares / count),
    mae: absolutes / count,
    bias: sum / count,
    phm08: phm08Score(predicted, actual),
  };
}

/** Share of the truths that lie in their intervals, ends included. */
export function coverage(
  lower: ArrayLike<number>,
  upper: ArrayLike<number>,
  actual: ArrayLike<number>,
): number {
  let inside = 0;
  for (let i = 0; i < actual.length; i++) if (actual[i] >= lower[i] && actual[i] <= upper[i]) inside++;
  return inside / actual.length;
}
