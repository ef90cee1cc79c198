/** Fitting the built-in model of remaining life, with intervals and an evaluation by engines that it has not seen. */

import type { LabelledReadings } from "../anomaly/read_matrix.ts";
import { selectRows } from "../anomaly/reading_matrix.ts";
import { Random } from "../random.ts";
import { FEATURES } from "./features.ts";
import { fitIntervals, intervalOf } from "./prediction_interval.ts";
import {
  type CutOff,
  fitPredictor,
  predictAt,
  rowsOfEngines,
  type RulContent,
  type RulSettings,
} from "./rul_model.ts";
import { coverage, type RulErrors, rulErrors } from "./scores.ts";

/** How a model is fitted and evaluated. */
export interface RulFitSettings extends RulSettings {
  /** Parts that the engines are divided into: each is predicted by a model of the others. */
  readonly folds: number;
  /** Cut-offs at which each engine is predicted this way. */
  readonly cutOffsPerEngine: number;
  /** Share of the truths that intervals are made to hold. */
  readonly intervalLevel: number;
}

/** What held best on FD001's engines by cross-validation (docs/decisions/0020-remaining-life.md). */
export const RUL_SETTINGS: Omit<RulFitSettings, "seed"> = {
  rulCap: 125,
  trees: 120,
  depth: 4,
  learningRate: 0.08,
  leafRows: 50,
  rowShare: 0.5,
  columnShare: 0.5,
  bins: 64,
  healthPenalty: 100,
  cutOffs: 5000,
  silencedCutOffs: 2500,
  silencedShare: 0.4,
  folds: 5,
  cutOffsPerEngine: 40,
  intervalLevel: 0.8,
};

/** Errors of predictions, and how many of the truths their intervals held. */
export interface RulEvaluation extends RulErrors {
  readonly engines: number;
  readonly coverage: number;
}

/** Predictions of engines by a model that has not seen them. */
interface Unseen {
  readonly fold: number;
  readonly predicted: number;
  readonly actual: number;
}

function foldsOf(engines: number, folds: number, random: Random): Int32Array {
  const foldOf = new Int32Array(engines);
  const order = random.shuffled(Array.from({ length: engines }, (_, engine) => engine));
  order.forEach((engine, place) => foldOf[engine] = place % folds);
  return foldOf;
}

function predictUnseen({ readings, remaining }: LabelledReadings, settings: RulFitSettings): Unseen[] {
  const folds = Math.min(settings.folds, readings.engines.length);
  // streams of their own: neither folds nor cut-offs follow from what the trees draw
  const foldOf = foldsOf(readings.engines.length, folds, new Random(settings.seed, 1));
  const random = new Random(settings.seed, 2);
  const ranges = rowsOfEngines(readings);
  const cutOffs: CutOff[] = ranges.flatMap(({ from, until }, engine) =>
    Array.from(
      { length: settings.cutOffsPerEngine },
      () => ({ engine, length: 1 + Math.floor(random.uniform() * (until - from)) }),
    )
  );
  const rows = Array.from({ length: readings.rows }, (_, row) => row);
  return Array.from({ length: folds }, (_, fold) => {
    const kept = rows.filter((row) => foldOf[readings.engineOf[row]] !== fold);
    const predictor = fitPredictor(
      selectRows(readings, kept),
      Float64Array.from(kept, (row) => remaining[row]),
      settings,
    );
    const own = cutOffs.filter(({ engine }) => foldOf[engine] === fold);
    const predicted = predictAt(predictor, readings, own);
    return own.map(({ engine, length }, i) => ({
      fold,
      predicted: predicted[i],
      actual: Math.min(settings.rulCap, remaining[ranges[engine].from + length - 1]),
    })).filter(({ predicted }) => !Number.isNaN(predicted));
  }).flat();
}

function intervalsOf(unseen: readonly Unseen[], level: number) {
  return fitIntervals(
    Float64Array.from(unseen, ({ predicted }) => predicted),
    Float64Array.from(unseen, ({ actual }) => actual),
    level,
  );
}

/** Judges predictions whose truth is known; truths are capped as labels are. */
export function evaluateRul(
  { interval, rulCap }: Pick<RulContent, "interval" | "rulCap">,
  predicted: ArrayLike<number>,
  actual: ArrayLike<number>,
  engines: number,
): RulEvaluation {
  const intervals = Array.from(predicted, (value) => intervalOf(interval, value, rulCap));
  return {
    engines,
    ...rulErrors(predicted, actual),
    coverage: coverage(
      intervals.map(({ lower }) => lower),
      intervals.map(({ upper }) => upper),
      actual,
    ),
  };
}

/**
 * Fits a model on whole lives, and evaluates it by cross-validation: engines are predicted by models of other engines, and
 * held in intervals that were learned from yet others.
 *
 * @returns The model of all engines with its intervals, and how the cross-validation went.
 */
export function fitRul(
  lives: LabelledReadings,
  settings: RulFitSettings,
): { content: RulContent; evaluation: RulEvaluation } {
  const unseen = predictUnseen(lives, settings);
  const folds = [...new Set(unseen.map(({ fold }) => fold))];
  const held = folds.map((fold) => {
    const own = unseen.filter((each) => each.fold === fold);
    const interval = intervalsOf(unseen.filter((each) => each.fold !== fold), settings.intervalLevel);
    return own.length * evaluateRul(
      { interval, rulCap: settings.rulCap },
      own.map(({ predicted }) => predicted),
      own.map(({ actual }) => actual),
      0,
    ).coverage;
  });
  const content = {
    features: FEATURES,
    ...fitPredictor(lives.readings, lives.remaining, settings),
    intervalLevel: settings.intervalLevel,
    interval: intervalsOf(unseen, settings.intervalLevel),
  };
  return {
    content,
    evaluation: {
      engines: lives.readings.engines.length,
      ...rulErrors(unseen.map(({ predicted }) => predicted), unseen.map(({ actual }) => actual)),
      coverage: held.reduce((sum, own) => sum + own, 0) / unseen.length,
    },
  };
}
