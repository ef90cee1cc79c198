/** Training of the models of remaining life from the database: one for each set of engines, and one for every engine. */

import type postgres from "postgres";
import { type LabelledReadings, readLives } from "../anomaly/read_matrix.ts";
import { TooLittleToTrainError } from "../anomaly/train.ts";
import { type LineageDataset, startLineage } from "../lineage.ts";
import { type StoredModel, storeModel, type TrainedModel } from "../models.ts";
import { Random } from "../random.ts";
import { SENSORS } from "../sensors.ts";
import { curveFor } from "./prediction_interval.ts";
import { evaluateRul, fitRul, RUL_SETTINGS, type RulEvaluation, type RulFitSettings } from "./fit_rul.ts";
import { predictAt, rowsOfEngines, type RulContent } from "./rul_model.ts";

/** Fewest engines to train on: each fifth of them is predicted by the others. */
export const LEAST_ENGINES = 10;

/** Engines that are trained on, at most, drawn from all: more would not fit into memory, and teach little. */
const MOST_ENGINES = 1000;

/** What a training is asked for. */
export interface RulTrainingOptions {
  /** Only the model of this set of engines (`engines.dataset`). */
  readonly dataset?: string;
  readonly seed: number;
  /** Evaluate, and store nothing. */
  readonly dryRun?: boolean;
  /** Who trains, for the audit log: `deno task train`. */
  readonly by: string;
  /** Is told of each model that is done. */
  readonly onTrained?: (training: RulTraining) => void;
}

/** A model that was trained. */
export interface RulTraining {
  readonly model: TrainedModel;
  /** Null when nothing is stored. */
  readonly stored: StoredModel | null;
  /** By models of other engines, at cut-offs drawn from the lives. */
  readonly crossValidation: RulEvaluation;
  /** By the model itself, of engines of subset test after their last readings; null where there are none. */
  readonly test: RulEvaluation | null;
  readonly seconds: number;
}

interface KnownLife {
  readonly id: string;
  readonly dataset: string | null;
  readonly is_test: boolean;
}

const SOURCES: readonly LineageDataset[] = ["sensor_data", "engines"].map((table) => ({
  namespace: "postgres",
  name: `public.${table}`,
}));

/**
 * Engines whose life is known: those that have failed, to learn from, and test engines, to be judged by. One whose first
 * readings have gone to the lake is left out: nobody knows here what it was like when new.
 */
async function knownLives(sql: postgres.Sql): Promise<KnownLife[]> {
  return await sql<KnownLife[]>`
    select engines.id, engines.dataset, engines.subset is not distinct from 'test' as is_test
    from public.engines
    left join public.engine_baselines as baseline on baseline.engine_id = engines.id
    where engines.life_cycles is not null
      and coalesce(baseline.first_timestamp >= public.readings_kept_from(), true)
      and (engines.status = 'failed' or engines.subset in ('train', 'test'))
      and exists (select from public.sensor_data as reading where reading.engine_id = engines.id)
    order by engines.unit_number`;
}

function drawn(engines: readonly KnownLife[], seed: number): readonly KnownLife[] {
  return engines.length <= MOST_ENGINES
    ? engines
    : new Random(seed, 3).shuffled(engines).slice(0, MOST_ENGINES);
}

/** Judges a model by engines it has never seen, after the last reading of each. */
function evaluateOnTest(
  content: RulContent,
  { readings, remaining }: LabelledReadings,
): RulEvaluation | null {
  const ranges = rowsOfEngines(readings);
  const predicted = predictAt(
    content,
    readings,
    ranges.map(({ from, until }, engine) => ({ engine, length: until - from })),
  );
  const judged = ranges.map((_, engine) => engine).filter((engine) =>
    !Number.isNaN(predicted[engine].left) && curveFor(content, predicted[engine].missing) !== undefined
  );
  if (judged.length === 0) return null;
  return evaluateRul(
    content,
    judged.map((engine) => predicted[engine]),
    judged.map((engine) => Math.min(content.rulCap, remaining[ranges[engine].until - 1])),
    judged.length,
  );
}

async function trainOne(
  sql: postgres.Sql,
  dataset: string | null,
  engines: readonly KnownLife[],
  { seed, dryRun, by }: RulTrainingOptions,
): Promise<RulTraining> {
  const start = performance.now();
  const settings: RulFitSettings = { ...RUL_SETTINGS, seed };
  const ids = (isTest: boolean) =>
    drawn(engines.filter(({ is_test }) => is_test === isTest), seed).map(({ id }) => id);
  const lives = await readLives(sql, ids(false));
  const { content, evaluation: crossValidation, withMissing } = fitRul(lives, settings);
  const test = evaluateOnTest(content, await readLives(sql, ids(true)));
  const times = lives.readings.times.toSorted();
  const { rulCap, ...hyperparameters } = RUL_SETTINGS;
  const model: TrainedModel = {
    purpose: "rul",
    name: dataset === null ? "rul" : `rul-${dataset}`,
    dataset,
    features: SENSORS,
    trainedFrom: new Date(times[0] / 1000),
    trainedUntil: new Date(times[times.length - 1] / 1000),
    engines: lives.readings.engines.length,
    readings: lives.readings.rows,
    seed,
    // in the names of the database: the view prediction_errors reads the cap
    settings: { rul_cap: rulCap, ...hyperparameters },
    metrics: { cross_validation: crossValidation, sensors_missing: withMissing, test },
    content: { ...content },
  };
  const stored = dryRun ? null : await storeModel(sql, model, by);
  return { model, stored, crossValidation, test, seconds: (performance.now() - start) / 1000 };
}

/**
 * Trains a model for each set of engines that has enough of them, and one for every engine; evaluates them on engines they
 * were not trained on, and stores them. Engines of subset test are never trained on. The same readings and the same seed
 * give the same model.
 *
 * @throws {TooLittleToTrainError}
 *
 * @example
 * ```ts ignore
 * const [{ test }] = await trainRulModels(sql, { seed: 42, by: "deno task train" });
 * ```
 */
export async function trainRulModels(sql: postgres.Sql, options: RulTrainingOptions): Promise<RulTraining[]> {
  const engines = await knownLives(sql);
  const of = (dataset: string | null) =>
    dataset === null ? engines : engines.filter((engine) => engine.dataset === dataset);
  const toTrain = (dataset: string | null) => of(dataset).filter(({ is_test }) => !is_test).length;
  const named = [...new Set(engines.flatMap(({ dataset }) => dataset ?? []))].toSorted();
  const sets = (options.dataset === undefined ? [...named, null] : [options.dataset]).filter((dataset) =>
    toTrain(dataset) >= LEAST_ENGINES
  );
  if (sets.length === 0) {
    throw new TooLittleToTrainError(
      `Cannot train a model of remaining life as at least ${LEAST_ENGINES} engines` +
        `${
          options.dataset === undefined ? "" : ` of ${options.dataset}`
        } that are not for tests must have failed, ` +
        `with engines.life_cycles known: current value is ${toTrain(options.dataset ?? null)}`,
    );
  }
  const lineage = options.dryRun ? undefined : await startLineage(sql, "train", {
    inputs: SOURCES,
    outputs: [{ namespace: "postgres", name: "public.models" }],
  });
  try {
    const trainings: RulTraining[] = [];
    for (const dataset of sets) {
      const training = await trainOne(sql, dataset, of(dataset), options);
      options.onTrained?.(training);
      trainings.push(training);
    }
    await lineage?.complete(sql);
    return trainings;
  } catch (error) {
    await lineage?.fail(sql, error).catch(() => {}); // of the two errors the first says why
    throw error;
  }
}
