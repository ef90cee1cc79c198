/**
 * Scoring: the readings that are still to be scored (`unscored_readings`) -> matrix -> detector -> anomalies, episodes and
 * alerts, in one transaction.
 */

import type postgres from "postgres";
import { transaction } from "../database.ts";
import { type LineageDataset, startLineage } from "../lineage.ts";
import { ModelCache } from "../model_cache.ts";
import { AnomalyModel } from "./anomaly_model.ts";
import type { DetectorName } from "./detectors.ts";
import { type Anomaly, findAnomalies } from "./find_anomalies.ts";
import { readRanges } from "./read_matrix.ts";
import type { ReadingMatrix } from "./reading_matrix.ts";

/** Models of anomalies, kept in the process. */
export type AnomalyModels = ModelCache<AnomalyModel>;

/** An empty cache of models of anomalies. */
export function anomalyModels(): AnomalyModels {
  return new ModelCache("anomaly", AnomalyModel.fromContent);
}

/** What became of some readings. */
export interface Scored {
  readonly detector: DetectorName;
  /** How many engines were taken, with or without readings. */
  readonly engines: number;
  readonly readings: number;
  /** Anomalies that are new, or other than they were. */
  readonly anomalies: number;
  /** Anomalies that were found before and are none any more. */
  readonly withdrawn: number;
}

const INPUTS: readonly LineageDataset[] = [
  { namespace: "postgres", name: "public.models" },
  { namespace: "postgres", name: "public.sensor_baselines" },
  { namespace: "postgres", name: "public.sensor_data" },
];

/** Which detector decides. */
export async function decidingDetector(sql: postgres.ISql): Promise<DetectorName> {
  const [{ anomaly_detector }] = await sql`select anomaly_detector from public.model_settings`;
  return anomaly_detector;
}

/** Times of engines, parallel, as `record_anomalies` and `readRanges` take them. */
export interface ScoredTimes {
  readonly engineIds: readonly string[];
  readonly from: readonly string[];
  readonly until: readonly string[];
}

/** Writes what was found in some times of engines, in the caller's transaction. */
export async function recordAnomalies(
  tx: postgres.ISql,
  { engineIds, from, until }: ScoredTimes,
  detector: DetectorName,
  found: readonly Anomaly[],
  { replaces, run }: { readonly replaces: boolean; readonly run: string },
): Promise<{ written: number; withdrawn: number }> {
  const [row] = await tx<{ written: number; withdrawn: number }[]>`
    select recorded.written, recorded.withdrawn
    from public.record_anomalies(
      ${engineIds as string[]}::text[]::uuid[],
      array(
        select tstzrange(since, until)
        from unnest(${from as string[]}::text[]::timestamptz[], ${until as string[]}::text[]::timestamptz[])
          with ordinality as scored (since, until, place)
        order by place
      ),
      ${detector}, ${JSON.stringify(found)}::text::jsonb, ${replaces}, ${run}::uuid
    ) as recorded`;
  return row;
}

/** A run that has written anomalies, for whoever asks where they come from. */
async function recordLineage(tx: postgres.ISql, readings: number, anomalies: number): Promise<string> {
  const run = await startLineage(tx, "score_anomalies", { inputs: INPUTS });
  await run.complete(tx, {
    outputs: [{
      namespace: "postgres",
      name: "public.anomalies",
      outputFacets: { outputStatistics: { rowCount: anomalies } },
    }],
    facets: { spool_scoring: { readings } },
  });
  return run.id;
}

/**
 * Scores some of the readings that are to be scored, those that wait longest first: all of it or, when the transaction
 * does not commit, nothing. Readings of engines for which there is no model stay to be scored.
 *
 * @param most About how many readings.
 * @param options.asOf Moment that alerts are about; the transaction's unless given.
 * @returns Undefined when there is no model at all.
 */
export async function scoreReadings(
  sql: postgres.Sql,
  models: AnomalyModels,
  most: number,
  options: { readonly asOf?: Date } = {},
): Promise<Scored | undefined> {
  const asOf = options.asOf?.toISOString() ?? null;
  return await transaction(sql, async (tx) => {
    const active = await models.active(tx);
    if (active.length === 0) return undefined;
    const detector = await decidingDetector(tx);
    const datasets = active.some(({ dataset }) => dataset === null)
      ? null
      : active.map(({ dataset }) => dataset!);
    const taken = await tx<{ engine_id: string; since: string; until: string }[]>`
      select
        engine_id, coalesce(lower(range), '-infinity')::text as since, coalesce(upper(range), 'infinity')::text as until
      from public.take_unscored_readings(${most}, ${datasets}::text[])`;
    if (taken.length === 0) return { detector, engines: 0, readings: 0, anomalies: 0, withdrawn: 0 };

    const times = {
      engineIds: taken.map(({ engine_id }) => engine_id),
      from: taken.map(({ since }) => since),
      until: taken.map(({ until }) => until),
    };
    const readings: ReadingMatrix = await readRanges(tx, times);
    const found = findAnomalies(readings, active, detector);
    const run = await recordLineage(tx, readings.rows, found.length);
    const { written, withdrawn } = await recordAnomalies(tx, times, detector, found, { replaces: true, run });
    const engines = [...new Set(times.engineIds)];
    await tx`
      select public.observe_anomalies(
        ${engines}::text[]::uuid[], ${detector}, false, coalesce(${asOf}::text::timestamptz, now())
      )`;
    return { detector, engines: engines.length, readings: readings.rows, anomalies: written, withdrawn };
  });
}
