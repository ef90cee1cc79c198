/** The trained model of anomalies: all detectors, each with its threshold. */

import { z } from "zod";
import { Random } from "../random.ts";
import { type ByDetector, type Detector, type DetectorName, DETECTORS } from "./detectors.ts";
import { ForestDetector, imputed } from "./forest_detector.ts";
import { DEFAULT_SAMPLE_SIZE, DEFAULT_TREES, ForestContent, IsolationForest } from "./isolation_forest.ts";
import { MahalanobisContent, MahalanobisDetector } from "./mahalanobis.ts";
import { healthyMeanAbsZ, meanAbsZ } from "./mean_abs_z.ts";
import { type ReadingMatrix, selectRows, WIDTH } from "./reading_matrix.ts";
import { Standardiser, StandardiserContent } from "./standardiser.ts";

/** Parts that the engines are dealt into: each is judged by what was fitted without it. */
export const FOLDS = 5;

/** Share of healthy readings of unseen engines that may be above a threshold (docs/decisions/0018-anomaly-detectors.md). */
export const DEFAULT_FALSE_ALARM_RATE = 0.001;

export interface FitOptions {
  readonly seed: number;
  /** Trees of the forest: 100 unless given. */
  readonly trees?: number;
  /** Readings that each tree is grown from: 256 unless given. */
  readonly sampleSize?: number;
  /** Share of healthy readings of unseen engines that may be above each threshold: 0.001 unless given. */
  readonly falseAlarmRate?: number;
  /**
   * Share of the training readings that is held to be anomalous: each threshold is the score that this share of them is
   * above. A guess, in place of `falseAlarmRate`.
   */
  readonly contamination?: number;
}

/** Infinite where it is null, as JSON has no such number. */
const threshold = z.number().nullable().transform((value) => value ?? Infinity);

const Content = z.object({
  standardiser: StandardiserContent,
  isolation_forest: ForestContent,
  mahalanobis: MahalanobisContent,
  thresholds: z.object(
    Object.fromEntries(DETECTORS.map((name) => [name, threshold])) as Record<DetectorName, typeof threshold>,
  ),
});

/** Without thresholds. */
interface Fitted {
  readonly standardiser: Standardiser;
  readonly forest: IsolationForest;
  readonly mahalanobis: MahalanobisDetector;
}

function fitDetectors(healthy: ReadingMatrix, { seed, trees, sampleSize }: FitOptions): Fitted {
  const standardiser = Standardiser.fit(healthy);
  const deviations = standardiser.transform(healthy);
  return {
    standardiser,
    forest: IsolationForest.fit(imputed(deviations), WIDTH, { seed, trees, sampleSize }),
    mahalanobis: MahalanobisDetector.fit(standardiser, deviations),
  };
}

function detectorsOf({ standardiser, forest, mahalanobis }: Fitted): ByDetector<Detector> {
  return {
    mean_abs_z: meanAbsZ,
    isolation_forest: new ForestDetector(standardiser, forest),
    mahalanobis,
  };
}

function scoresOfHealthy(detectors: ByDetector<Detector>, name: DetectorName, healthy: ReadingMatrix) {
  return name === "mean_abs_z" ? healthyMeanAbsZ(healthy) : detectors[name].scores(healthy);
}

/**
 * The rows of a matrix by engine, dealt into parts: all rows of an engine are in the same one.
 *
 * @param seed Which engines come together.
 * @throws {RangeError} When there are fewer than two engines.
 */
export function foldsByEngine(readings: ReadingMatrix, seed: number): number[][] {
  const engines = [...new Set(readings.engineOf)];
  if (engines.length < 2) {
    throw new RangeError(
      `Cannot hold engines out as there must be at least 2: current value is ${engines.length}`,
    );
  }
  const count = Math.min(FOLDS, engines.length);
  const foldOf = new Map(new Random(seed, FOLDS).shuffled(engines).map((engine, i) => [engine, i % count]));
  const folds = Array.from({ length: count }, (): number[] => []);
  for (let row = 0; row < readings.rows; row++) folds[foldOf.get(readings.engineOf[row])!].push(row);
  return folds;
}

/** The rows that are in all parts but one. */
export function rowsWithout(folds: readonly (readonly number[])[], left: number): number[] {
  return folds.flatMap((rows, fold) => fold === left ? [] : rows);
}

/**
 * The smallest score such that a further one, drawn like these, is above it with at most the given probability: with n
 * scores of which k are above it, that probability is (k + 1) / (n + 1), whatever their distribution (split conformal
 * prediction, Vovk et al. 2005). Where even none above is too many, as n < 1 / rate - 1, it is the largest.
 */
export function thresholdFor(healthyScores: Float64Array, falseAlarmRate: number): number {
  const sorted = healthyScores.filter((score) => !Number.isNaN(score)).sort();
  if (sorted.length === 0) return Infinity;
  const above = Math.max(0, Math.floor(falseAlarmRate * (sorted.length + 1)) - 1);
  return sorted[Math.max(0, sorted.length - 1 - above)];
}

/** The score that a share of the scores is above, between two of them by their distance, as numpy's percentile. */
export function upperQuantile(scores: Float64Array, share: number): number {
  const sorted = scores.filter((score) => !Number.isNaN(score)).sort();
  if (sorted.length === 0) return Infinity;
  const place = (sorted.length - 1) * (1 - share);
  const below = Math.floor(place);
  return sorted[below] + (place - below) * (sorted[Math.min(below + 1, sorted.length - 1)] - sorted[below]);
}

function calibrated(healthy: ReadingMatrix, options: FitOptions): ByDetector<number> {
  const scores = Object.fromEntries(DETECTORS.map((name): [DetectorName, number[]] => [name, []]));
  const folds = foldsByEngine(healthy, options.seed);
  folds.forEach((rows, fold) => {
    const detectors = detectorsOf(fitDetectors(selectRows(healthy, rowsWithout(folds, fold)), options));
    const unseen = selectRows(healthy, rows);
    for (const name of DETECTORS) {
      for (const score of scoresOfHealthy(detectors, name, unseen)) scores[name].push(score);
    }
  });
  const rate = options.falseAlarmRate ?? DEFAULT_FALSE_ALARM_RATE;
  return byDetector((name) => thresholdFor(Float64Array.from(scores[name]), rate));
}

/** Makes something of each detector. */
export function byDetector<T>(make: (name: DetectorName) => T): ByDetector<T> {
  return Object.fromEntries(DETECTORS.map((name) => [name, make(name)])) as Record<DetectorName, T>;
}

/**
 * All detectors with their thresholds, fitted with healthy readings.
 *
 * @example
 * ```ts ignore
 * const model = AnomalyModel.fit(await readFirst(sql, engineIds, 50), { seed: 42 });
 * const scores = model.detectors.isolation_forest.scores(readings);
 * const anomalous = scores.map((score) => Number(score > model.thresholds.isolation_forest));
 * ```
 */
export class AnomalyModel {
  readonly detectors: ByDetector<Detector>;

  private constructor(
    private readonly fitted: Fitted,
    /** Scores above which a reading is an anomaly; infinite where there was nothing to calibrate a detector by. */
    readonly thresholds: ByDetector<number>,
  ) {
    this.detectors = detectorsOf(fitted);
  }

  /**
   * Fits all detectors with healthy readings, and calibrates their thresholds on engines held out of the fit.
   *
   * @param healthy Of at least two engines.
   * @throws {RangeError} When there are fewer.
   */
  static fit(healthy: ReadingMatrix, options: FitOptions): AnomalyModel {
    const fitted = fitDetectors(healthy, options);
    const { contamination } = options;
    if (contamination === undefined) return new AnomalyModel(fitted, calibrated(healthy, options));
    const detectors = detectorsOf(fitted);
    return new AnomalyModel(
      fitted,
      byDetector((name) => upperQuantile(scoresOfHealthy(detectors, name, healthy), contamination)),
    );
  }

  /**
   * The model that `models.content` holds.
   *
   * @throws {z.ZodError} When it is no such model.
   */
  static fromContent(content: unknown): AnomalyModel {
    const { standardiser: scales, isolation_forest, mahalanobis, thresholds } = Content.parse(content);
    const standardiser = Standardiser.fromContent(scales);
    return new AnomalyModel({
      standardiser,
      forest: IsolationForest.fromContent(isolation_forest),
      mahalanobis: MahalanobisDetector.fromContent(standardiser, mahalanobis),
    }, thresholds);
  }

  /** What `models.content` is to hold. */
  toContent(): Readonly<Record<string, unknown>> {
    const { standardiser, forest, mahalanobis } = this.fitted;
    return {
      standardiser: standardiser.toContent(),
      isolation_forest: forest.toContent(),
      mahalanobis: mahalanobis.toContent(),
      thresholds: byDetector((name) => Number.isFinite(this.thresholds[name]) ? this.thresholds[name] : null),
    };
  }

  /** Scores of readings that are known to be healthy, and may be ones that their engines' baselines were learned from. */
  scoresOfHealthy(name: DetectorName, healthy: ReadingMatrix): Float64Array {
    return scoresOfHealthy(this.detectors, name, healthy);
  }

  /** Settings of the fit, for `models.settings`. */
  static settings({ trees, sampleSize, falseAlarmRate, contamination }: FitOptions): Record<string, number> {
    return {
      trees: trees ?? DEFAULT_TREES,
      sample_size: sampleSize ?? DEFAULT_SAMPLE_SIZE,
      ...(contamination === undefined
        ? { false_alarm_rate: falseAlarmRate ?? DEFAULT_FALSE_ALARM_RATE }
        : { contamination }),
    };
  }
}
