/**
 * The built-in model of remaining useful life: gradient-boosted trees on what an engine's last readings are like, how they
 * change, and how far they are from its first ones, whatever conditions it flies in. Small enough for an edge function.
 */

import { type ReadingMatrix, WIDTH } from "../anomaly/reading_matrix.ts";
import { Random } from "../random.ts";
import type { StoredModel } from "../models.ts";
import { type ConditionScale, fitScales, scaled } from "./condition_scales.ts";
import { type Course, FEATURES, INDICATORS, KINDS, writeFeatures } from "./features.ts";
import { curveFor, type IntervalCurve, intervalOf, type IntervalWithMissing } from "./prediction_interval.ts";
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
  /** Of engines with all sensors. */
  readonly interval: IntervalCurve;
  /** Of engines that lack some, by how much is missing, ascending; of those that lack more nothing is said. */
  readonly intervalsWithMissing: readonly IntervalWithMissing[];
}

/** A prediction at a cut-off. */
export interface PredictedLife {
  /** In flight cycles, from 0 to the cap; NaN where no sensor value of the last readings can be judged. */
  readonly left: number;
  /** Share of the health index that is of sensors which say nothing, of the last readings or of the first. */
  readonly missing: number;
}

/** Of an engine with too few sensors. */
export interface RulRefusal {
  /** Cycle of the last reading. */
  readonly cycle: number;
  /** As in `PredictedLife`. */
  readonly missing: number;
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
 * Share of the health index that is of some sensors: what a model loses with a sensor depends on which it is. Those that did
 * not vary in the training have no part in it.
 */
function shareOf({ health }: Pick<RulPredictor, "health">, sensors: readonly number[]): number {
  const all = health.reduce((sum, weight) => sum + Math.abs(weight), 0);
  return all === 0 ? 0 : sensors.reduce((sum, sensor) => sum + Math.abs(health[sensor]), 0) / all;
}

const PLACES: readonly number[] = Array.from({ length: WIDTH }, (_, sensor) => sensor);

/** Predicts the remaining life after some of the readings of engines. */
export function predictAt(
  predictor: RulPredictor,
  readings: ReadingMatrix,
  cutOffs: readonly CutOff[],
): PredictedLife[] {
  const table = featureTable(coursesOf(readings, predictor), cutOffs);
  return Array.from(predictWithTrees(predictor.trees, table), (left, i) => {
    const features = table.values.subarray(i * table.columns, (i + 1) * table.columns);
    const lacks = (sensor: number) =>
      KINDS.some((_, kind) => Number.isNaN(features[sensor * KINDS.length + kind]));
    return {
      left: Number.isNaN(features[HEALTH_NOW]) ? NaN : Math.min(predictor.rulCap, Math.max(0, left)),
      missing: shareOf(predictor, PLACES.filter(lacks)),
    };
  });
}

/**
 * Readings without what some sensors said, drawn for each engine until their share of the health index is above `above`; those
 * that would take it above `most` are passed over.
 */
export function withoutSensors(
  predictor: Pick<RulPredictor, "health">,
  readings: ReadingMatrix,
  { above, most }: { readonly above: number; readonly most: number },
  random: Random,
): ReadingMatrix {
  const silent = readings.engines.map(() => {
    const sensors: number[] = [];
    for (const sensor of random.shuffled(PLACES)) {
      if (shareOf(predictor, sensors) > above) break;
      if (shareOf(predictor, [...sensors, sensor]) <= most) sensors.push(sensor);
    }
    return new Set(sensors);
  });
  const values = readings.values.map((value, i) =>
    silent[readings.engineOf[Math.floor(i / WIDTH)]].has(i % WIDTH) ? NaN : value
  );
  return { ...readings, values };
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
  // those of models that were trained before there were any: with sensors missing they say nothing
  return {
    ...content as unknown as RulContent,
    intervalsWithMissing: (content as Partial<RulContent>).intervalsWithMissing ?? [],
  };
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
 * @returns One prediction an engine, or that so much is missing that nobody knows how far it would be off.
 */
export function predictRul(content: RulContent, readings: ReadingMatrix): (RulPrediction | RulRefusal)[] {
  const ranges = rowsOfEngines(readings);
  const cutOffs = ranges.map(({ from, until }, engine) => ({ engine, length: until - from }));
  return predictAt(content, readings, cutOffs).map(({ left, missing }, engine) => {
    const cycle = readings.cycles[ranges[engine].until - 1];
    const curve = curveFor(content, missing);
    if (Number.isNaN(left) || curve === undefined) return { cycle, missing };
    const { lower, upper } = intervalOf(curve, left, content.rulCap);
    return {
      cycle,
      predicted: toHundredths(left),
      lower: toHundredths(lower),
      upper: toHundredths(upper),
    };
  });
}
