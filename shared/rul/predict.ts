/** Predicting the remaining life of engines that have given readings since they were last predicted. */

import type postgres from "postgres";
import { readRanges } from "../anomaly/read_matrix.ts";
import { transaction } from "../database.ts";
import { type LineageDataset, startLineage } from "../lineage.ts";
import { activeModels, type StoredModel } from "../models.ts";
import { Unfinished } from "../unfinished.ts";
import { FIRST, RECENT, WINDOW } from "./features.ts";
import { predictRul, rulContent } from "./rul_model.ts";

/** How much is predicted at a time. */
export interface PredictionBudget {
  /** Engines of one transaction. */
  readonly piece: number;
  /** Engines of one attempt. */
  readonly attempt: number;
}

/** A hosted function has 2 s of CPU; docs/decisions/0020-remaining-life.md has what engines cost. */
const BUDGET: PredictionBudget = { piece: 200, attempt: 5_000 };

/**
 * Attempts after which what is left is left to the next run of the pipeline: the tasks after this one wait for it, and a
 * task that has used up its attempts (100, `pipeline_tasks`) has failed.
 */
const MOST_ATTEMPTS = 90;

const INPUTS: readonly LineageDataset[] = ["sensor_data", "engines", "models"].map((table) => ({
  namespace: "postgres",
  name: `public.${table}`,
}));

/** Reasons that are kept: they are for people. */
const MOST_REASONS = 10;

/** What became of some engines. */
export interface PredictionCounts {
  /** Engines that had new readings. */
  engines: number;
  predicted: number;
  /** Engines that are not predicted. */
  unjudged: number;
  /** Why not, of the first of them. */
  readonly reasons: string[];
}

interface DueEngine {
  readonly engine_id: string;
  readonly model_id: number;
  readonly first_until: string;
  readonly window_from: string;
}

async function dueEngines(sql: postgres.ISql, after: string | null, most: number): Promise<DueEngine[]> {
  return await sql<DueEngine[]>`
    select engine_id, model_id::float8 as model_id, first_until::text, window_from::text
    from public.engines_to_predict(${FIRST}, ${WINDOW}, ${after}::uuid, ${most})`;
}

interface PredictionRow {
  readonly engine_id: string;
  readonly cycle: number;
  readonly predicted_rul: number;
  readonly lower_bound: number;
  readonly upper_bound: number;
  readonly interval_level: number;
  readonly model_name: string;
  readonly model_version: string;
}

/** Predicts engines of one model. */
async function predictEngines(
  sql: postgres.ISql,
  model: StoredModel,
  due: readonly DueEngine[],
): Promise<{ rows: PredictionRow[]; reasons: string[] }> {
  const content = rulContent(model);
  const twice = <T>(values: readonly T[], others: readonly T[]) => [...values, ...others];
  const ids = due.map(({ engine_id }) => engine_id);
  const readings = await readRanges(sql, {
    engineIds: twice(ids, ids),
    from: twice(due.map(() => "-infinity"), due.map(({ window_from }) => window_from)),
    until: twice(due.map(({ first_until }) => first_until), due.map(() => "infinity")),
  });
  const rows: PredictionRow[] = [];
  const reasons: string[] = [];
  predictRul(content, readings).forEach((prediction, engine) => {
    const { id, unitNumber } = readings.engines[engine];
    if ("missing" in prediction) {
      const share = (of: number) => `${Math.round(100 * of)} %`;
      reasons.push(
        `Cannot predict ${unitNumber} at cycle ${prediction.cycle} as at most ${
          share(content.intervalsWithMissing.at(-1)?.most ?? 0)
        } of its health index may be of sensors that say nothing of its last ${RECENT} or first ${FIRST} readings: ` +
          `current value is ${share(prediction.missing)}`,
      );
      return;
    }
    rows.push({
      engine_id: id,
      cycle: prediction.cycle,
      predicted_rul: prediction.predicted,
      lower_bound: prediction.lower,
      upper_bound: prediction.upper,
      interval_level: content.intervalLevel,
      model_name: model.name,
      model_version: String(model.version),
    });
  });
  return { rows, reasons };
}

/** Keeps predictions, with the run that made them. One that is there already stays as it is. */
async function keepPredictions(sql: postgres.Sql, rows: readonly PredictionRow[]): Promise<number> {
  return await transaction(sql, async (tx) => {
    const run = await startLineage(tx, "predict_rul", { inputs: INPUTS });
    const { count } = await tx`
      insert into public.rul_predictions (
        engine_id, cycle, predicted_rul, lower_bound, upper_bound, interval_level, model_name, model_version
      )
      select
        engine_id, cycle, predicted_rul, lower_bound, upper_bound, interval_level, model_name, model_version
      from json_populate_recordset(null::public.rul_predictions, ${JSON.stringify(rows)}::text::json)
      on conflict (engine_id, model_name, model_version, cycle) do nothing`;
    await run.complete(tx, {
      outputs: [{
        namespace: "postgres",
        name: "public.rul_predictions",
        outputFacets: { outputStatistics: { rowCount: count } },
      }],
    });
    return count;
  });
}

/**
 * Predicts the remaining life of every active engine whose last reading its model has not seen. Calling it again, or twice
 * at once, adds nothing. What is left for lack of time is done by the next attempt.
 *
 * @param attempt Number of the attempt.
 * @param budget How much may be done; what a hosted function can do unless given.
 * @returns What was done.
 * @throws {Unfinished} While engines are left.
 */
export async function predictTask(
  sql: postgres.Sql,
  attempt: number,
  signal: AbortSignal,
  budget: PredictionBudget = BUDGET,
): Promise<PredictionCounts | { readonly advice: string }> {
  const counts: PredictionCounts = { engines: 0, predicted: 0, unjudged: 0, reasons: [] };
  let models: readonly StoredModel[] | undefined;
  let after: string | null = null;
  while (counts.predicted < budget.attempt) {
    signal.throwIfAborted();
    const due: DueEngine[] = await dueEngines(sql, after, budget.piece);
    if (due.length === 0) break;
    // a model is read when there is something to predict: most runs of a pipeline find nothing
    models ??= await activeModels(sql, "rul");
    const rows: PredictionRow[] = [];
    for (const model of models) {
      const own = due.filter(({ model_id }) => model_id === model.id);
      if (own.length === 0) continue;
      const found = await predictEngines(sql, model, own);
      rows.push(...found.rows);
      counts.reasons.push(...found.reasons.slice(0, MOST_REASONS - counts.reasons.length));
    }
    counts.engines += due.length;
    counts.unjudged += due.length - rows.length;
    if (rows.length > 0) counts.predicted += await keepPredictions(sql, rows);
    after = due[due.length - 1].engine_id;
  }
  if (counts.engines === 0) {
    const [{ trained }] = await sql`
      select exists (select from public.models where purpose = 'rul' and active) as trained`;
    return trained ? counts : { advice: "no model: run deno task train" };
  }
  const [left] = counts.predicted < budget.attempt ? [] : await dueEngines(sql, after, 1);
  if (left !== undefined && attempt < MOST_ATTEMPTS) {
    throw new Unfinished(
      `Cannot predict all engines at once: ${counts.predicted} are done, and others left for the next attempt`,
    );
  }
  return counts;
}
