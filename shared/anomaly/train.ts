/** Training of the models of anomalies from the database: one for each set of engines, and one for every engine. */

import type postgres from "postgres";
import { type LineageDataset, startLineage } from "../lineage.ts";
import { type StoredModel, storeModel, type TrainedModel } from "../models.ts";
import { SENSORS } from "../sensors.ts";
import { AnomalyModel, type FitOptions, foldsByEngine, rowsWithout } from "./anomaly_model.ts";
import type { ByDetector, DetectorEvaluation } from "./detectors.ts";
import { Evaluation } from "./evaluate.ts";
import { withoutOutliers } from "./outliers.ts";
import { readFirst, readLives } from "./read_matrix.ts";
import { type ReadingMatrix, selectRows } from "./reading_matrix.ts";

/** First readings of an engine that count as healthy. */
export const HEALTHY_READINGS = 50;

/** From how many cycles before its failure on a reading counts as one that should stand out. */
export const FAILING_CYCLES = 30;

/** Fewest engines to train on: each fifth of them is judged by the others. */
export const LEAST_ENGINES = 5;

/** Fewest test engines whose readings replace those of the folds in the evaluation. */
const LEAST_TEST_ENGINES = 5;

export interface AnomalyTrainingOptions extends FitOptions {
  /** Only the model of this set of engines (`engines.dataset`). */
  readonly dataset?: string;
  /** Evaluate, and store nothing. */
  readonly dryRun?: boolean;
  /** Who trains, for the audit log: `deno task train`. */
  readonly by: string;
  /** Is told of each model that is done. */
  readonly onTrained?: (training: AnomalyTraining) => void;
}

/** What an evaluation was made with. */
export interface EvaluatedOn {
  /**
   * test_engines: with engines of subset test, by the model that is stored. folds: with a fifth of the training engines
   * at a time, by a model of the others.
   */
  readonly engines_of: "test_engines" | "folds";
  readonly engines: number;
  readonly healthy_readings: number;
  readonly failing_readings: number;
}

/** A model that was trained. */
export interface AnomalyTraining {
  readonly model: TrainedModel;
  /** Null when nothing is stored. */
  readonly stored: StoredModel | null;
  readonly evaluation: ByDetector<DetectorEvaluation>;
  readonly evaluatedOn: EvaluatedOn;
  readonly seconds: number;
}

/** There are not enough engines. */
export class TooLittleToTrainError extends Error {
  override readonly name = "TooLittleToTrainError";
}

interface TrainingEngine {
  readonly id: string;
  readonly dataset: string | null;
  readonly subset: "train" | "test" | null;
  readonly life_cycles: number | null;
}

const SOURCES: readonly LineageDataset[] = ["sensor_data", "engines", "sensor_baselines"].map((table) => ({
  namespace: "postgres",
  name: `public.${table}`,
}));

/**
 * Engines whose baseline is complete, so that all detectors can say something of them, and whose first readings are still
 * here: those that are the first ones now, when others have gone to the lake, may be of a worn engine.
 */
async function trainingEngines(sql: postgres.Sql): Promise<TrainingEngine[]> {
  return await sql<TrainingEngine[]>`
    select engines.id, engines.dataset, engines.subset, engines.life_cycles
    from public.engines
    join public.engine_baselines as baseline
      on baseline.engine_id = engines.id and baseline.complete
      and baseline.first_timestamp >= public.readings_kept_from()
    order by engines.unit_number`;
}

/** The first readings of engines, without those that are known to be of their last cycles, and without outliers. */
async function readHealthy(
  sql: postgres.Sql,
  engines: readonly TrainingEngine[],
): Promise<{ healthy: ReadingMatrix; outliers: number }> {
  const first = await readFirst(sql, engines.map(({ id }) => id), HEALTHY_READINGS);
  const lives = new Map(engines.map(({ id, life_cycles }) => [id, life_cycles ?? Infinity]));
  const life = first.engines.map(({ id }) => lives.get(id)!);
  const rows = Array.from({ length: first.rows }, (_, row) => row);
  const early = selectRows(
    first,
    rows.filter((row) => life[first.engineOf[row]] - first.cycles[row] > FAILING_CYCLES),
  );
  const healthy = withoutOutliers(early);
  return { healthy, outliers: early.rows - healthy.rows };
}

async function readFailing(sql: postgres.Sql, engines: readonly TrainingEngine[]): Promise<ReadingMatrix> {
  return (await readLives(sql, engines.map(({ id }) => id), FAILING_CYCLES)).readings;
}

/** Judges each fifth of the engines by a model of the others. */
function evaluateByFolds(healthy: ReadingMatrix, failing: ReadingMatrix, options: FitOptions): Evaluation {
  const evaluation = new Evaluation();
  const folds = foldsByEngine(healthy, options.seed);
  folds.forEach((rows, fold) => {
    const unseen = new Set(rows.map((row) => healthy.engines[healthy.engineOf[row]].id));
    const ofUnseen = Array.from({ length: failing.rows }, (_, row) => row)
      .filter((row) => unseen.has(failing.engines[failing.engineOf[row]].id));
    evaluation.add(AnomalyModel.fit(selectRows(healthy, rowsWithout(folds, fold)), options), {
      healthy: selectRows(healthy, rows),
      failing: selectRows(failing, ofUnseen),
    });
  });
  return evaluation;
}

async function evaluate(
  sql: postgres.Sql,
  model: AnomalyModel,
  healthy: ReadingMatrix,
  engines: { readonly training: readonly TrainingEngine[]; readonly test: readonly TrainingEngine[] },
  options: FitOptions,
): Promise<{ evaluation: ByDetector<DetectorEvaluation>; evaluatedOn: EvaluatedOn }> {
  const testFailing = await readFailing(sql, engines.test);
  if (testFailing.engines.length >= LEAST_TEST_ENGINES) {
    const { healthy: testHealthy } = await readHealthy(sql, engines.test);
    const evaluation = new Evaluation();
    evaluation.add(model, { healthy: testHealthy, failing: testFailing });
    return {
      evaluation: evaluation.result(model.thresholds),
      evaluatedOn: {
        engines_of: "test_engines",
        engines: engines.test.length,
        healthy_readings: testHealthy.rows,
        failing_readings: testFailing.rows,
      },
    };
  }
  const failing = await readFailing(sql, engines.training);
  return {
    evaluation: evaluateByFolds(healthy, failing, options).result(model.thresholds),
    evaluatedOn: {
      engines_of: "folds",
      engines: engines.training.length,
      healthy_readings: healthy.rows,
      failing_readings: failing.rows,
    },
  };
}

async function trainOne(
  sql: postgres.Sql,
  dataset: string | null,
  engines: readonly TrainingEngine[],
  options: AnomalyTrainingOptions,
): Promise<AnomalyTraining> {
  const start = performance.now();
  const training = engines.filter(({ subset }) => subset !== "test");
  const test = engines.filter(({ subset }) => subset === "test");
  const { healthy, outliers } = await readHealthy(sql, training);
  const healthyEngines = new Set(healthy.engineOf).size;
  if (healthyEngines < LEAST_ENGINES) {
    throw new TooLittleToTrainError(
      `Cannot train a model of anomalies${
        dataset === null ? "" : ` of ${dataset}`
      } as at least ${LEAST_ENGINES} engines must have readings with more than ${FAILING_CYCLES} cycles left among ` +
        `their first ${HEALTHY_READINGS}: current value is ${healthyEngines}`,
    );
  }
  const fitted = AnomalyModel.fit(healthy, options);
  const { evaluation, evaluatedOn } = await evaluate(sql, fitted, healthy, { training, test }, options);
  const times = healthy.times.toSorted();
  const model: TrainedModel = {
    purpose: "anomaly",
    name: dataset === null ? "anomaly" : `anomaly-${dataset}`,
    dataset,
    features: SENSORS,
    trainedFrom: new Date(times[0] / 1000),
    trainedUntil: new Date(times[times.length - 1] / 1000),
    engines: healthyEngines,
    readings: healthy.rows,
    seed: options.seed,
    settings: { ...AnomalyModel.settings(options), healthy_readings: HEALTHY_READINGS },
    metrics: {
      detectors: evaluation,
      evaluated_on: evaluatedOn,
      failing_cycles: FAILING_CYCLES,
      outliers_left_out: outliers,
    },
    content: fitted.toContent(),
  };
  const stored = options.dryRun ? null : await storeModel(sql, model, options.by);
  return { model, stored, evaluation, evaluatedOn, seconds: (performance.now() - start) / 1000 };
}

/**
 * Trains a model for each set of engines that has enough of them, and one for every engine; evaluates them on engines they
 * were not trained on, and stores them. Engines of subset test are never trained on. Baselines are brought up to date
 * first, also when nothing else is stored: they are what one of the detectors compares with.
 *
 * @throws {TooLittleToTrainError}
 *
 * @example
 * ```ts ignore
 * const [{ evaluation }] = await trainAnomalyModels(sql, { seed: 42, by: "deno task train" });
 * ```
 */
export async function trainAnomalyModels(
  sql: postgres.Sql,
  options: AnomalyTrainingOptions,
): Promise<AnomalyTraining[]> {
  await sql`select public.roll_up_readings()`;
  const engines = await trainingEngines(sql);
  const of = (dataset: string | null) =>
    dataset === null ? engines : engines.filter((engine) => engine.dataset === dataset);
  const enough = (dataset: string | null) =>
    of(dataset).filter(({ subset }) => subset !== "test").length >= LEAST_ENGINES;
  const named = [...new Set(engines.flatMap(({ dataset }) => dataset ?? []))].toSorted();
  const sets = (options.dataset === undefined ? [...named, null] : [options.dataset]).filter(enough);
  if (sets.length === 0) {
    const [{ readings }] = await sql`select baseline_readings as readings from public.quality_settings`;
    const found = of(options.dataset ?? null).filter(({ subset }) => subset !== "test").length;
    throw new TooLittleToTrainError(
      `Cannot train a model of anomalies as at least ${LEAST_ENGINES} engines` +
        `${
          options.dataset === undefined ? "" : ` of ${options.dataset}`
        } that are not for tests must have a baseline ` +
        `(their first ${readings} readings, in Postgres): current value is ${found}`,
    );
  }

  const lineage = options.dryRun ? undefined : await startLineage(sql, "train", {
    inputs: SOURCES,
    outputs: [{ namespace: "postgres", name: "public.models" }],
  });
  try {
    const trainings: AnomalyTraining[] = [];
    let tooLittle: unknown;
    for (const dataset of sets) {
      try {
        const training = await trainOne(sql, dataset, of(dataset), options);
        options.onTrained?.(training);
        trainings.push(training);
      } catch (error) {
        if (!(error instanceof TooLittleToTrainError)) throw error;
        tooLittle = error; // of a set; the others are trained all the same
      }
    }
    if (trainings.length === 0) throw tooLittle;
    await lineage?.complete(sql);
    return trainings;
  } catch (error) {
    await lineage?.fail(sql, error);
    throw error;
  }
}
