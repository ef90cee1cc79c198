/** Fitting the built-in model of remaining life, with intervals and an evaluation by engines that it has not seen. */

import type { LabelledReadings } from "../anomaly/read_matrix.ts";
import { selectRows } from "../anomaly/reading_matrix.ts";
import { Random } from "../random.ts";
import { FEATURES } from "./features.ts";
import { curveFor, fitIntervals, intervalOf } from "./prediction_interval.ts";
import {
  type CutOff,
  fitPredictor,
  predictAt,
  type PredictedLife,
  rowsOfEngines,
  type RulContent,
  type RulSettings,
  withoutSensors,
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

/**
 * How much of the health index an engine may lack, in the groups that share an interval. With more than half of it missing
 * intervals would not hold what they promise (docs/decisions/0020-remaining-life.md).
 */
const MISSING: readonly { readonly above: number; readonly most: number }[] = [
  { above: 0, most: 1 / 6 },
  { above: 1 / 6, most: 1 / 3 },
  { above: 1 / 3, most: 1 / 2 },
];

/** Errors of predictions, and how many of the truths their intervals held. */
export interface RulEvaluation extends RulErrors {
  readonly engines: number;
  readonly coverage: number;
}

/** The same of engines that were shown without some of their sensors. */
export interface MissingEvaluation {
  /** Share of the health index that was missing: above, and at most. */
  readonly missing: readonly [number, number];
  readonly rmse: number;
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

/** With all of their sensors, and then for each group of `MISSING`. */
function predictUnseen({ readings, remaining }: LabelledReadings, settings: RulFitSettings): Unseen[][] {
  const folds = Math.min(settings.folds, readings.engines.length);
  // streams of their own: neither folds nor cut-offs nor silent sensors follow from what the trees draw
  const foldOf = foldsOf(readings.engines.length, folds, new Random(settings.seed, 1));
  const random = new Random(settings.seed, 2);
  const silencing = new Random(settings.seed, 5);
  const ranges = rowsOfEngines(readings);
  const cutOffs: CutOff[] = ranges.flatMap(({ from, until }, engine) =>
    Array.from(
      { length: settings.cutOffsPerEngine },
      () => ({ engine, length: 1 + Math.floor(random.uniform() * (until - from)) }),
    )
  );
  const rows = Array.from({ length: readings.rows }, (_, row) => row);
  const unseen: Unseen[][] = [[], ...MISSING.map(() => [])];
  for (let fold = 0; fold < folds; fold++) {
    const kept = rows.filter((row) => foldOf[readings.engineOf[row]] !== fold);
    const predictor = fitPredictor(
      selectRows(readings, kept),
      Float64Array.from(kept, (row) => remaining[row]),
      settings,
    );
    const own = cutOffs.filter(({ engine }) => foldOf[engine] === fold);
    const shown = [
      readings,
      ...MISSING.map((group) => withoutSensors(predictor, readings, group, silencing)),
    ];
    shown.forEach((seen, group) =>
      predictAt(predictor, seen, own).forEach(({ left }, i) => {
        if (Number.isNaN(left)) return;
        const { engine, length } = own[i];
        const actual = Math.min(settings.rulCap, remaining[ranges[engine].from + length - 1]);
        unseen[group].push({ fold, predicted: left, actual });
      })
    );
  }
  return unseen;
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
  content: Pick<RulContent, "interval" | "intervalsWithMissing" | "rulCap">,
  predicted: readonly PredictedLife[],
  actual: ArrayLike<number>,
  engines: number,
): RulEvaluation {
  const lives = predicted.map(({ left }) => left);
  const intervals = predicted.map(({ left, missing }) => {
    const curve = curveFor(content, missing);
    return curve === undefined ? { lower: NaN, upper: NaN } : intervalOf(curve, left, content.rulCap);
  });
  return {
    engines,
    ...rulErrors(lives, actual),
    coverage: coverage(
      intervals.map(({ lower }) => lower),
      intervals.map(({ upper }) => upper),
      actual,
    ),
  };
}

/** Errors and coverage of predictions of unseen engines, in intervals that were learned from yet others. */
function crossValidated(unseen: readonly Unseen[], { rulCap, intervalLevel }: RulFitSettings) {
  let held = 0;
  for (const fold of new Set(unseen.map((each) => each.fold))) {
    const curve = intervalsOf(unseen.filter((each) => each.fold !== fold), intervalLevel);
    for (const { predicted, actual } of unseen.filter((each) => each.fold === fold)) {
      const { lower, upper } = intervalOf(curve, predicted, rulCap);
      if (actual >= lower && actual <= upper) held++;
    }
  }
  return {
    ...rulErrors(unseen.map(({ predicted }) => predicted), unseen.map(({ actual }) => actual)),
    coverage: held / unseen.length,
  };
}

/**
 * Fits a model on whole lives, and evaluates it by cross-validation: engines are predicted by models of other engines, and
 * held in intervals that were learned from yet others.
 *
 * @returns The model of all engines with its intervals, and how the cross-validation went, also without some sensors.
 */
export function fitRul(
  lives: LabelledReadings,
  settings: RulFitSettings,
): {
  content: RulContent;
  evaluation: RulEvaluation;
  withMissing: readonly MissingEvaluation[];
} {
  const [complete, ...lacking] = predictUnseen(lives, settings);
  return {
    content: {
      features: FEATURES,
      ...fitPredictor(lives.readings, lives.remaining, settings),
      intervalLevel: settings.intervalLevel,
      interval: intervalsOf(complete, settings.intervalLevel),
      intervalsWithMissing: lacking.map((unseen, group) => ({
        most: MISSING[group].most,
        interval: intervalsOf(unseen, settings.intervalLevel),
      })),
    },
    evaluation: { engines: lives.readings.engines.length, ...crossValidated(complete, settings) },
    withMissing: lacking.map((unseen, group) => {
      const { rmse, coverage } = crossValidated(unseen, settings);
      return { missing: [MISSING[group].above, MISSING[group].most], rmse, coverage };
    }),
  };
}
