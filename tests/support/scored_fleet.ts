/** A small fleet with a model of anomalies, for tests of the scoring. */

import type postgres from "postgres";
import { AnomalyModel } from "../../shared/anomaly/anomaly_model.ts";
import { anomalyModels, type Scored, scoreReadings } from "../../shared/anomaly/score_readings.ts";
import { readFirst } from "../../shared/anomaly/read_matrix.ts";
import { storeBatch } from "../../shared/intake.ts";
import { type StoredModel, storeModel } from "../../shared/models.ts";
import type { Reading } from "../../shared/reading.ts";
import { SENSORS } from "../../shared/sensors.ts";
import { candidates } from "./readings.ts";
import { simulatedFleet } from "./simulated_fleet.ts";

const HOUR = 3_600_000;

/** Readings before the present hour: the first of them are the baselines. */
export const HISTORY_HOURS = 110;

/** Begin of the history: engines are expected to have sent something lately. */
export function startMs(): number {
  return (Math.floor(Date.now() / HOUR) - HISTORY_HOURS - 30) * HOUR;
}

/** A reading as no healthy engine sends it: each sensor is off by so many standard deviations of its noise. */
export function abnormal(reading: Reading, factor = 1.01): Reading {
  return {
    ...reading,
    ...Object.fromEntries(SENSORS.map((sensor) => [sensor, (reading[sensor] as number) * factor])),
  };
}

/** Stores readings as one batch, and notes what is to be scored. */
export async function arrive(sql: postgres.Sql, readings: readonly unknown[]): Promise<void> {
  await storeBatch(sql, { source: "ingest", reference: null }, candidates(readings));
  await sql`select roll_up_readings()`;
}

/** A model as `deno task train` would make it, of all engines that there are. */
export async function trained(sql: postgres.Sql, dataset: string | null = null): Promise<StoredModel> {
  const ids = await sql`select id from engines where ${dataset}::text is null or dataset = ${dataset}`;
  const healthy = await readFirst(sql, ids.map(({ id }) => id), 50);
  const options = { seed: 1, trees: 20 };
  const model = AnomalyModel.fit(healthy, options);
  return await storeModel(sql, {
    purpose: "anomaly",
    name: dataset === null ? "anomaly" : `anomaly-${dataset}`,
    dataset,
    features: SENSORS,
    trainedFrom: new Date(0),
    trainedUntil: new Date(1),
    engines: ids.length,
    readings: healthy.rows,
    seed: 1,
    settings: AnomalyModel.settings(options),
    metrics: {},
    content: model.toContent(),
  }, "a test");
}

/** Scores all that is to be scored. */
export async function scoreAll(sql: postgres.Sql, most = 1000, models = anomalyModels()): Promise<Scored> {
  const sum = { engines: 0, readings: 0, anomalies: 0, withdrawn: 0 };
  for (;;) {
    const scored = await scoreReadings(sql, models, most);
    if (scored === undefined) throw new Error("Cannot score as there must be a model");
    for (const name of ["engines", "readings", "anomalies", "withdrawn"] as const) sum[name] += scored[name];
    if (scored.engines === 0) return { ...scored, ...sum };
  }
}

/** A fleet with its history and baselines, trained and scored, and what it sends next: `next[engine][hour]`. */
export async function fleetWithModel(
  sql: postgres.Sql,
  engines = 3,
): Promise<{ readonly next: Reading[][]; readonly model: StoredModel }> {
  const all = simulatedFleet({ engines, hours: HISTORY_HOURS + 24, startMs: startMs(), seed: 11 });
  await arrive(sql, all.slice(0, engines * HISTORY_HOURS));
  const model = await trained(sql);
  await scoreAll(sql);
  const later = all.slice(engines * HISTORY_HOURS);
  const next = Array.from({ length: engines }, (_, i) => later.filter((_, place) => place % engines === i));
  return { next, model };
}

/** Anomalies and episodes without what differs from run to run: ids and times of finding. */
export async function said(sql: postgres.Sql): Promise<{ anomalies: unknown[]; episodes: unknown[] }> {
  const anomalies = await sql`
    select
      unit_number, anomalies.cycle, "timestamp"::text as at, detector, score, threshold, severity, sensors, "values",
      model_id is not null as has_model
    from anomalies join engines on engines.id = engine_id
    order by unit_number, detector, anomalies."timestamp", anomalies.cycle`;
  const episodes = await sql`
    select
      unit_number, detector, started_at::text as started_at, ended_at::text as ended_at, first_cycle, last_cycle, readings,
      severe_readings, peak_score, peak_threshold, peak_at::text as peak_at, sensors, severity, open
    from anomaly_episodes join engines on engines.id = engine_id
    order by unit_number, detector, anomaly_episodes.started_at, first_cycle`;
  return { anomalies: anomalies.map((row) => ({ ...row })), episodes: episodes.map((row) => ({ ...row })) };
}
