/** Scoring of readings as they arrive, where `model_settings.score_at_intake` is on. */

import type postgres from "postgres";
import { transaction } from "../database.ts";
import type { Reading } from "../reading.ts";
import { findAnomalies } from "./find_anomalies.ts";
import { readRanges } from "./read_matrix.ts";
import { anomalyModels, decidingDetector, recordAnomalies, type ScoredTimes } from "./score_readings.ts";

/** ms for which the settings are believed: a request does not ask for them, and who edits them does not wait long. */
const SETTINGS_MS = 10_000;

/**
 * Readings of one transaction. The first is small, some 10 ms where all of them are anomalies, so that what a small budget
 * does not allow is not all of it; as long as there is time they grow, as a transaction costs as much as 20 readings.
 */
const FIRST_PIECE = 50;
const LARGEST_PIECE = 250;

/** Which readings a batch brought: parallel arrays. */
export interface BatchTimes {
  readonly unitNumbers: readonly string[];
  readonly timestamps: readonly string[];
}

/**
 * Scores what a batch has brought, within the time that `model_settings.intake_budget` allows. It never fails, and what it does
 * not get to is nobody's loss: the pipeline scores all readings that have come, also those that were scored here, and what it
 * says stands. Only anomalies are written here, therefore, and none is taken back.
 *
 * One for a process: it keeps the models.
 */
export class IntakeScoring {
  readonly #models = anomalyModels();
  #settings: Promise<{ readonly on: boolean; readonly budgetMs: number }> | undefined;
  #askAgainAt = 0;

  constructor(private readonly sql: postgres.Sql) {}

  /** What a batch has to keep of its readings to be scored; undefined where it is not to be. */
  async timesOf(readings: readonly Reading[]): Promise<BatchTimes | undefined> {
    if (readings.length === 0 || !(await this.#currentSettings()).on) return undefined;
    return {
      unitNumbers: readings.map(({ engine_id }) => engine_id),
      timestamps: readings.map(({ timestamp }) => timestamp),
    };
  }

  /** Scores a batch that is stored; returns when it is scored, or when the time is over. */
  async score(batchId: string, times: BatchTimes): Promise<void> {
    const { budgetMs } = await this.#currentSettings();
    const endAt = performance.now() + budgetMs;
    let timer: ReturnType<typeof setTimeout> | undefined;
    await Promise.race([
      new Promise<void>((resolve) => timer = setTimeout(resolve, budgetMs)),
      // whatever fails here, the pipeline does it again, and its failures are seen
      this.#scorePieces(batchId, times, endAt).catch(() => {}),
    ]);
    clearTimeout(timer);
  }

  #currentSettings(): Promise<{ readonly on: boolean; readonly budgetMs: number }> {
    if (this.#settings === undefined || performance.now() > this.#askAgainAt) {
      this.#askAgainAt = performance.now() + SETTINGS_MS;
      this.#settings = this.sql`
        select score_at_intake as on, extract(epoch from intake_budget)::float8 * 1000 as "budgetMs"
        from public.model_settings`.then(
        ([row]) => row as unknown as { on: boolean; budgetMs: number },
        // the database is away, as storing the batch is about to tell, or older than this function
        () => ({ on: false, budgetMs: 0 }),
      );
    }
    return this.#settings;
  }

  async #scorePieces(batchId: string, times: BatchTimes, endAt: number): Promise<void> {
    const msLeft = () => {
      const left = endAt - performance.now();
      if (left < 1) throw new Error("Cannot go on scoring as it must be within the budget");
      return left;
    };
    let size = FIRST_PIECE;
    for (let from = 0; from < times.unitNumbers.length;) {
      const begun = performance.now();
      const until = from + size;
      await this.#scorePiece(batchId, {
        unitNumbers: times.unitNumbers.slice(from, until),
        timestamps: times.timestamps.slice(from, until),
      }, msLeft);
      from = until;
      const took = performance.now() - begun;
      // what would not end in time would be done for nothing, and is the worker's
      if (took > msLeft()) return;
      if (3 * took < msLeft()) size = Math.min(2 * size, LARGEST_PIECE);
    }
  }

  /** @param msLeft Throws when there are none: then nothing of the piece is written. */
  async #scorePiece(batchId: string, times: BatchTimes, msLeft: () => number): Promise<void> {
    msLeft();
    await transaction(this.sql, async (tx) => {
      await tx`select set_config('statement_timeout', ${`${Math.ceil(msLeft())}ms`}, true)`;
      const models = await this.#models.active(tx);
      if (models.length === 0) return;
      const detector = await decidingDetector(tx);
      const scored = await lockedTimes(tx, times);
      if (scored.engineIds.length === 0) return;
      const readings = await readRanges(tx, scored);
      msLeft();
      const found = findAnomalies(readings, models, detector);
      msLeft();
      await recordAnomalies(tx, scored, detector, found, { replaces: false, run: batchId });
      if (found.length > 0) {
        const engines = [...new Set(found.map(({ engine_id }) => engine_id))];
        await tx`select public.observe_anomalies(${engines}::text[]::uuid[], ${detector}, true)`;
      }
      msLeft();
    });
  }
}

/**
 * The times of readings, of engines whose baseline nobody is about to change: with one that changes meanwhile, an anomaly
 * would be written that the pipeline has looked for already. Engines without a baseline are new, and left to it.
 */
async function lockedTimes(tx: postgres.ISql, { unitNumbers, timestamps }: BatchTimes): Promise<ScoredTimes> {
  const rows = await tx<{ engine_id: string; since: string; until: string }[]>`
    with locked as (
      select baseline.engine_id, engines.unit_number
      from public.engine_baselines as baseline
      join public.engines on engines.id = baseline.engine_id
      where engines.unit_number = any (${[...new Set(unitNumbers)]}::text[])
      order by baseline.engine_id
      for key share of baseline skip locked
    )
    select locked.engine_id, reading."timestamp"::text as since, (reading."timestamp" + interval '1 microsecond')::text as until
    from unnest(${unitNumbers as string[]}::text[], ${timestamps as string[]}::text[]::timestamptz[])
      as reading (unit_number, "timestamp")
    join locked using (unit_number)`;
  return {
    engineIds: rows.map(({ engine_id }) => engine_id),
    from: rows.map(({ since }) => since),
    until: rows.map(({ until }) => until),
  };
}
