/**
 * Prediction intervals by split conformal prediction (Lei et al. 2018; one-sided quantiles as Romano et al. 2019 have
 * them): what predictions for engines that the model had not seen missed by says how far from the next one the truth may
 * be. It is told apart by the predicted value, as a model misses by less when an engine is close to its end.
 */

/** How far below and above a prediction its interval ends, at some predicted values; between them by straight lines. */
export interface IntervalCurve {
  /** Predicted values, ascending. */
  readonly at: readonly number[];
  /** Quantile of actual less predicted that the lower end lies at; usually negative. */
  readonly below: readonly number[];
  readonly above: readonly number[];
}

/** The curve for engines that lack sensors: their predictions miss by more. */
export interface IntervalWithMissing {
  /** Share of the health index that is missing at most. */
  readonly most: number;
  readonly interval: IntervalCurve;
}

/** Predictions that share quantiles: with fewer a quantile is the luck of a few engines. */
const LEAST_GROUP = 150;

/** Groups by predicted value, at most. */
const MOST_GROUPS = 8;

/** The value at a rank (from 1), bounded by the smallest and the largest. */
function ranked(sorted: Float64Array, rank: number): number {
  return sorted[Math.min(sorted.length, Math.max(1, rank)) - 1];
}

/**
 * Learns intervals.
 *
 * @param predicted Predictions for engines that the model had not been trained on.
 * @param level Share of the truths that are to lie inside, 0.8 for example.
 */
export function fitIntervals(
  predicted: Float64Array,
  actual: Float64Array,
  level: number,
): IntervalCurve {
  const order = Array.from(predicted, (_, i) => i).sort((a, b) => predicted[a] - predicted[b]);
  const groups = Math.max(1, Math.min(MOST_GROUPS, Math.floor(order.length / LEAST_GROUP)));
  const curve = { at: [] as number[], below: [] as number[], above: [] as number[] };
  for (let group = 0; group < groups; group++) {
    const members = order.slice(
      Math.floor(group * order.length / groups),
      Math.floor((group + 1) * order.length / groups),
    );
    const missed = Float64Array.from(members, (i) => actual[i] - predicted[i]).sort();
    const share = (1 - level) / 2;
    curve.at.push(members.reduce((sum, i) => sum + predicted[i], 0) / members.length);
    // the ranks that hold for the next one, not for those that are known
    curve.below.push(ranked(missed, Math.floor(share * (members.length + 1))));
    curve.above.push(ranked(missed, Math.ceil((1 - share) * (members.length + 1))));
  }
  const rounded = (values: number[]) => values.map((value) => Number(value.toFixed(4)));
  return { at: rounded(curve.at), below: rounded(curve.below), above: rounded(curve.above) };
}

function interpolated(at: readonly number[], values: readonly number[], x: number): number {
  const next = at.findIndex((place) => place > x);
  if (next === 0) return values[0];
  if (next < 0) return values[values.length - 1];
  const share = (x - at[next - 1]) / (at[next] - at[next - 1]);
  return values[next - 1] + share * (values[next] - values[next - 1]);
}

/**
 * The interval of a prediction: it holds the prediction, and lies between 0 and `most`.
 *
 * @param most The largest label that the model has been trained with.
 */
export function intervalOf(
  { at, below, above }: IntervalCurve,
  predicted: number,
  most: number,
): { lower: number; upper: number } {
  return {
    lower: Math.max(0, Math.min(predicted, predicted + interpolated(at, below, predicted))),
    upper: Math.min(most, Math.max(predicted, predicted + interpolated(at, above, predicted))),
  };
}

/**
 * The curve that holds for an engine.
 *
 * @param missing Share of the health index that is of sensors which say nothing.
 * @returns Undefined where so many are missing that nobody knows how far its prediction is off.
 */
export function curveFor(
  { interval, intervalsWithMissing }: {
    readonly interval: IntervalCurve;
    readonly intervalsWithMissing: readonly IntervalWithMissing[];
  },
  missing: number,
): IntervalCurve | undefined {
  return missing === 0 ? interval : intervalsWithMissing.find(({ most }) => missing <= most)?.interval;
}
