/** Which readings of a matrix are anomalies by one detector, and what is kept of them. */

import { type CachedModel } from "../model_cache.ts";
import { modelFor } from "../models.ts";
import { SENSORS } from "../sensors.ts";
import type { AnomalyModel } from "./anomaly_model.ts";
import type { DetectorName } from "./detectors.ts";
import { type ReadingMatrix, selectRows, WIDTH } from "./reading_matrix.ts";

/** An anomaly as the SQL function `record_anomalies` takes it. */
export interface Anomaly {
  readonly engine_id: string;
  /** Time of the reading, in microseconds since 1970 (UTC). */
  readonly at: number;
  readonly cycle: number;
  readonly score: number;
  readonly threshold: number;
  readonly severity: "warning" | "fail";
  /** Contributions of the sensors that contributed most, in the detector's own unit. */
  readonly sensors: Readonly<Record<string, number>>;
  /** Their values, in the units of `sensor_data`. */
  readonly values: Readonly<Record<string, number>>;
  readonly model_id: number;
}

/** How many sensors are named at most: a third of them say what it is about. */
const NAMED_SENSORS = 5;

/** Share of the largest contribution that a sensor must have to be named: below it, it is noise beside a cause. */
const NAMED_SHARE = 0.1;

/**
 * From where on a score is far above its threshold. Distances have no end, and half as much again is what an engine has
 * at the end of its life, or one sensor ten deviations away; the score of a forest ends at 1, which no reading reaches.
 */
const SEVERE: Readonly<Record<DetectorName, (threshold: number) => number>> = {
  mean_abs_z: (threshold) => 1.5 * threshold,
  mahalanobis: (threshold) => 1.5 * threshold,
  isolation_forest: (threshold) => threshold + (1 - threshold) / 4,
};

/** The decimal number that a `real` of Postgres was, and not what is next to it in binary: 641.82, not 641.8200073. */
export function asReal(value: number): number {
  for (let digits = 6; digits < 9; digits++) {
    const rounded = Number(value.toPrecision(digits));
    if (Math.fround(rounded) === value) return rounded;
  }
  return value;
}

function anomalyOf(
  readings: ReadingMatrix,
  row: number,
  score: number,
  { id, parsed }: CachedModel<AnomalyModel>,
  detector: DetectorName,
): Anomaly {
  const contributions = parsed.detectors[detector].contributions(readings, row);
  const largest = contributions.reduce((most, contribution) => contribution > most ? contribution : most, 0);
  const strongest = [...contributions.keys()]
    .filter((sensor) => contributions[sensor] > NAMED_SHARE * largest)
    .sort((a, b) => contributions[b] - contributions[a])
    .slice(0, NAMED_SENSORS);
  const bySensor = (valueOf: (sensor: number) => number) =>
    Object.fromEntries(strongest.map((sensor) => [SENSORS[sensor], valueOf(sensor)]));
  const threshold = parsed.thresholds[detector];
  return {
    engine_id: readings.engines[readings.engineOf[row]].id,
    at: readings.times[row],
    cycle: readings.cycles[row],
    score,
    threshold,
    severity: score > SEVERE[detector](threshold) ? "fail" : "warning",
    sensors: bySensor((sensor) => Number(contributions[sensor].toPrecision(4))),
    values: bySensor((sensor) => asReal(readings.values[row * WIDTH + sensor])),
    model_id: id,
  };
}

/**
 * Scores readings, each by the model of its engine's set, and returns those above the threshold.
 *
 * @param models Those in use; an engine for which there is none has no anomalies.
 */
export function findAnomalies(
  readings: ReadingMatrix,
  models: readonly CachedModel<AnomalyModel>[],
  detector: DetectorName,
): Anomaly[] {
  const rowsOf = new Map<CachedModel<AnomalyModel>, number[]>();
  const modelOf = readings.engines.map(({ dataset }) => modelFor(models, dataset));
  for (let row = 0; row < readings.rows; row++) {
    const model = modelOf[readings.engineOf[row]];
    if (model === undefined) continue;
    const rows = rowsOf.get(model);
    if (rows === undefined) rowsOf.set(model, [row]);
    else rows.push(row);
  }
  return [...rowsOf].flatMap(([model, rows]) => {
    const own = rows.length === readings.rows ? readings : selectRows(readings, rows);
    const threshold = model.parsed.thresholds[detector];
    const found: Anomaly[] = [];
    model.parsed.detectors[detector].scores(own).forEach((score, row) => {
      if (score > threshold) found.push(anomalyOf(own, row, score, model, detector));
    });
    return found;
  });
}
