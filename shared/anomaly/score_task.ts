/** The scoring as a task of the worker: as much at a time as a hosted function may do. */

import type postgres from "postgres";
import { Unfinished } from "../unfinished.ts";
import { type AnomalyModels, scoreReadings } from "./score_readings.ts";

/** How much is scored at a time. */
export interface ScoringBudget {
  /** Readings of one transaction. */
  readonly piece: number;
  /** Readings of one attempt. */
  readonly attempt: number;
}

/** A hosted function has 2 s of CPU; docs/decisions/0019-scoring.md has what readings cost. */
const BUDGET: ScoringBudget = { piece: 2_000, attempt: 16_000 };

/**
 * Attempts after which what is left is left to the next run of the pipeline: the tasks after this one wait for it, and
 * a task that has used up its attempts (100, `pipeline_tasks`) has failed.
 */
const MOST_ATTEMPTS = 90;

/**
 * Scores the readings that have come since the last time. What is left for lack of time is done by the next attempt.
 *
 * @param models Cache that outlives the call.
 * @param attempt Number of the attempt.
 * @param options.asOf Moment that alerts are about; the present one unless given.
 * @param options.budget How much may be done; what a hosted function can do unless given.
 * @returns What was done, and how many engines have readings that wait: without a model, all of them.
 * @throws {Unfinished} While readings are left.
 */
export async function scoreTask(
  sql: postgres.Sql,
  models: AnomalyModels,
  attempt: number,
  signal: AbortSignal,
  options: { readonly asOf?: Date; readonly budget?: ScoringBudget } = {},
): Promise<unknown> {
  const { budget = BUDGET, asOf } = options;
  const done = { readings: 0, anomalies: 0, withdrawn: 0 };
  let detector: string | undefined;
  for (;;) {
    signal.throwIfAborted();
    const scored = await scoreReadings(sql, models, Math.min(budget.piece, budget.attempt - done.readings), {
      asOf,
    });
    const [{ waiting }] = await sql`select count(*)::integer as waiting from public.unscored_readings`;
    if (scored === undefined) return { advice: "no model: run deno task train", waiting };
    detector = scored.detector;
    for (const name of ["readings", "anomalies", "withdrawn"] as const) done[name] += scored[name];
    if (scored.engines === 0 || waiting === 0) return { detector, ...done, waiting };
    if (done.readings >= budget.attempt) {
      if (attempt >= MOST_ATTEMPTS) return { detector, ...done, waiting };
      throw new Unfinished(
        `Cannot score all readings at once: those of ${waiting} engines are left for the next attempt`,
      );
    }
  }
}
