/**
 * The built-in model of remaining useful life: gradient-boosted trees on what an engine's last readings are like, how they
 * change, and how far they are from its first ones, whatever conditions it flies in. Small enough for an edge function.
 */

import { type ReadingMatrix, WIDTH } from "../anomaly/reading_matrix.ts";
import { Random } from "../random.ts";
import type { StoredModel } from "../models.ts";
import { type ConditionScale, fitScales, scaled } from "./condition_scales.ts";
import { type Course, FEATURES, INDICATORS, writeFeatures } from "./features.ts";
import { type IntervalCurve, intervalOf } from "./prediction_interval.ts";
import { type BoostedTrees, type BoostingSettings, growTrees, predictWithTrees } from "./regression_trees.ts";
import { fitRidge } from "./ridge.ts";

/** How a model is fitted. */
export interface RulSettings extends BoostingSettings {
  /** Largest label, in cycles: an engine that is as good as new looks the same whatever it has left (Heimes 2008). */
  readonly rulCap: number;
  /** Penalty of the ridge regression that the health index is. */
  readonly healthPenalty: number;
  /** Cut-offs that trees are grown from, at most, evenly over the lives. */
  readonly cutOffs: number;
  /** As many again, of engines some of whose sensors are silenced: so trees learn to go by the others. */
  readonly silencedCutOffs: number;
  /** Share of the sensors that are silenced there, of each engine others. */
  readonly silencedShare: number;
}

/** What predicts. */
export interface RulPredictor {
  readonly rulCap: number;
  readonly scales: readonly ConditionScale[];
  /** Weight of each sensor in the health index, which falls as an engine wears. */
  readonly health: readonly number[];
  readonly trees: BoostedTrees;
}

/** What is stored as the content of a model. */
export interface RulContent extends RulPredictor {
  /** Names of the features that its trees split by, in their order. */
  readonly features: readonly string[];
  /** Share of the truths that its intervals are made to hold. */
  readonly intervalLevel: number;
  readonly interval: IntervalCurve;
}

/** What a model says of an engine. */
export interface RulPrediction {
  /** Cycle of the last reading it has seen. */
  readonly cycle: number;
  /** In flight cycles; at most `rulCap`, which means as many or more. */
  readonly predicted: number;
  readonly lower: number;
  readonly upper: number;
}

/** A place in the readings of an engine at which its remaining life is to be predicted: after `length` of them. */
export interface CutOff {
  /** Place in `engines` of the matrix. */
  readonly engine: number;
  readonly length: number;
}

/** Digits that weights and scales are kept with. */
const DIGITS = 9;

/** Rows of each engine: the first, and the one after the last. The matrix is sorted by engine and time. */
export function rowsOfEngines({ rows, engineOf, engines }: ReadingMatrix): { from: number; until: number }[] {
  const ranges = engines.map(() => ({ from: 0, until: 0 }));
  for (let row = 0; row < rows; row++) {
    const range = ranges[engineOf[row]];
    if (range.until === 0) range.from = row;
    range.until = row + 1;
  }
  return ranges;
}

/** The health index of each reading: of what sensors it has, as if the others said the same. */
function withHealth(values: Float64Array, rows: number, weights: readonly number[]): Float64Array {
  const all = weights.reduce((sum, weight) => sum + Math.abs(weight), 0);
  const indicators = new Float64Array(rows * INDICATORS);
  for (let row = 0; row < rows; row++) {
    let sum = 0;
    let present = 0;
    for (let sensor = 0; sensor < WIDTH; sensor++) {
      const value = values[row * WIDTH + sensor];
      indicators[row * INDICATORS + sensor] = value;
      if (Number.isNaN(value)) continue;
      sum += weights[sensor] * value;
      present += Math.abs(weights[sensor]);
    }
    indicators[row * INDICATORS + WIDTH] = present > 0 ? sum * all / present : NaN;
  }
  return indicators;
}

function coursesOf(readings: ReadingMatrix, predictor: Pick<RulPredictor, "scales" | "health">): Course[] {
  const indicators = withHealth(scaled(readings, predictor.scales), readings.rows, predictor.health);
  return rowsOfEngines(readings).map(({ from, until }) => ({
    cycles: readings.cycles.subarray(from, until),
    indicators: indicators.subarray(from * INDICATORS, until * INDICATORS),
  }));
}

function featureTable(courses: readonly Course[], cutOffs: readonly CutOff[]) {
  const columns = FEATURES.length;
  const values = new Float64Array(cutOffs.length * columns);
  cutOffs.forEach(({ engine, length }, i) => writeFeatures(courses[engine], length, values, i * columns));
  return { rows: cutOffs.length, columns, values };
}

/** Evenly over all readings, at most so many. */
function spreadCutOffs(readings: ReadingMatrix, most: number): CutOff[] {
  if (most === 0) return [];
  const step = Math.max(1, readings.rows / most);
  const ranges = rowsOfEngines(readings);
  const cutOffs: CutOff[] = [];
  for (let place = 0; Math.floor(place) < readings.rows; place += step) {
    const row = Math.floor(place);
    const engine = readings.engineOf[row];
    cutOffs.push({ engine, length: row - ranges[engine].from + 1 });
  }
  return cutOffs;
}

/** Readings without what some sensors said, of each engine others. */
function silenced(readings: ReadingMatrix, { seed, silencedShare }: RulSettings): ReadingMatrix {
  const random = new Random(seed, 4); // a stream of its own
  const isSilent = readings.engines.map(() =>
    Array.from({ length: WIDTH }, () => random.uniform() < silencedShare)
  );
  const values = readings.values.map((value, i) =>
    isSilent[readings.engineOf[Math.floor(i / WIDTH)]][i % WIDTH] ? NaN : value
  );
  return { ...readings, values };
}

/**
 * Fits what predicts.
 *
 * @param readings Whole lives, by engine and time.
 * @param labels Cycles left after each reading, not capped.
 */
export function fitPredictor(
  readings: ReadingMatrix,
  labels: Float64Array,
  settings: RulSettings,
): RulPredictor {
  const { rulCap } = settings;
  const capped = labels.map((left) => Math.min(rulCap, left));
  const rounded = (values: readonly number[]) => values.map((value) => Number(value.toPrecision(DIGITS)));
  const scales = fitScales(readings).map(({ condition, mean, sd }) => ({
    condition,
    mean: rounded(mean),
    sd: rounded(sd),
  }));
  // what a sensor has not said is the mean of its condition
  const values = scaled(readings, scales).map((value) => Number.isNaN(value) ? 0 : value);
  const { weights } = fitRidge(values, WIDTH, capped, settings.healthPenalty);
  const health = rounded(weights.map((weight) => weight / rulCap));

  const ranges = rowsOfEngines(readings);
  const parts = [
    { seen: readings, cutOffs: spreadCutOffs(readings, settings.cutOffs) },
    { seen: silenced(readings, settings), cutOffs: spreadCutOffs(readings, settings.silencedCutOffs) },
  ].map(({ seen, cutOffs }) => ({
    cutOffs,
    table: featureTable(coursesOf(seen, { scales, health }), cutOffs),
  }));
  const table = {
    rows: parts.reduce((sum, { table }) => sum + table.rows, 0),
    columns: FEATURES.length,
    values: Float64Array.from(parts.flatMap(({ table }) => [...table.values])),
  };
  const targets = Float64Array.from(
    parts.flatMap(({ cutOffs }) => cutOffs),
    ({ engine, length }) => capped[ranges[engine].from + length - 1],
  );
  return { rulCap, scales, health, trees: growTrees(table, targets, settings) };
}

/** Without it nothing is known of how an engine is now. */
const HEALTH_NOW = FEATURES.indexOf("health_window_mean");

/**
 * Predicts the remaining life, between 0 and the cap, after some of the readings of engines; NaN where no sensor value of
 * the last readings can be judged.
 */
export function predictAt(
  predictor: RulPredictor,
  readings: ReadingMatrix,
  cutOffs: readonly CutOff[],
): Float64Array {
  const table = featureTable(coursesOf(readings, predictor), cutOffs);
  return predictWithTrees(predictor.trees, table).map((left, i) =>
    Number.isNaN(table.values[i * table.columns + HEALTH_NOW])
      ? NaN
      : Math.min(predictor.rulCap, Math.max(0, left))
  );
}

/**
 * Reads the content of a stored model.
 *
 * @throws {RangeError} When it was trained on other features than this code makes: it would predict nonsense.
 */
export function rulContent({ name, version, content }: StoredModel): RulContent {
  const { features } = content as unknown as RulContent;
  if (JSON.stringify(features) !== JSON.stringify(FEATURES)) {
    throw new RangeError(
      `Cannot predict with ${name} ${version} as it must have been trained on the features of this version: ` +
        "train it again with deno task train rul",
    );
  }
  return content as unknown as RulContent;
}

/** Decimals of what is stored: a hundredth of a cycle is less than any model knows. */
function toHundredths(cycles: number): number {
  return Math.round(cycles * 100) / 100;
}

/**
 * Predicts the remaining life of each engine after its last reading.
 *
 * @param readings Of each engine the first `FIRST` readings and the last `WINDOW` ones, by engine and time; more do no
 *   harm.
 * @returns One prediction an engine; undefined where no sensor value of the last readings can be judged.
 */
export function predictRul(content: RulContent, readings: ReadingMatrix): (RulPrediction | undefined)[] {
  const ranges = rowsOfEngines(readings);
  const cutOffs = ranges.map(({ from, until }, engine) => ({ engine, length: until - from }));
  return Array.from(predictAt(content, readings, cutOffs), (predicted, engine) => {
    if (Number.isNaN(predicted)) return undefined;
    const { lower, upper } = intervalOf(content.interval, predicted, content.rulCap);
    return {
      cycle: readings.cycles[ranges[engine].until - 1],
      predicted: toHundredths(predicted),
      lower: toHundredths(lower),
      upper: toHundredths(upper),
    };
  });
}
