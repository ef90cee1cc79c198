/** Readings as detectors take them: a matrix of sensor values, with what each row is to be compared with. */

import { SENSORS } from "../sensors.ts";

/** Number of sensors, which is the number of columns of the matrix. */
export const WIDTH = SENSORS.length;

/** What an engine was like at first in one operating condition, by sensor in the order of `SENSORS`. */
export interface ConditionBaseline {
  /** NaN where there is none. */
  readonly mean: Float64Array;
  /** Sample standard deviation; NaN where there is none or it is 0. */
  readonly sd: Float64Array;
  /** How many values both are of; 0 where there are none. */
  readonly readings: Int32Array;
}

/** An engine whose readings are in a matrix. */
export interface MatrixEngine {
  /** `engines.id` */
  readonly id: string;
  readonly unitNumber: string;
  readonly dataset: string | null;
  /** Its own baselines, by operating condition. */
  readonly baselines: ReadonlyMap<number, ConditionBaseline>;
  /**
   * Time of the last reading that its baselines were learned from, as `times` has it; NaN where it has none. Readings up
   * to it are the baselines' own.
   */
  readonly baselineUntil: number;
}

/** Readings of some engines. */
export interface ReadingMatrix {
  /** Number of readings. */
  readonly rows: number;
  /** Sensor values row by row, `WIDTH` a row, in the units of `sensor_data`; NaN where a sensor gave none. */
  readonly values: Float64Array;
  /** Operating condition of each row; 0 where its settings lie in none of the known ones. */
  readonly conditions: Int16Array;
  /** Engine of each row, as its place in `engines`. */
  readonly engineOf: Int32Array;
  /** Cycle of each row. */
  readonly cycles: Int32Array;
  /** Time of each row, in microseconds since 1970 (UTC), which doubles hold exactly until the year 2255. */
  readonly times: Float64Array;
  readonly engines: readonly MatrixEngine[];
}

/**
 * Some rows of a matrix, as a matrix.
 *
 * @param rows Their places, in the order they are to have.
 */
export function selectRows(readings: ReadingMatrix, rows: readonly number[]): ReadingMatrix {
  const values = new Float64Array(rows.length * WIDTH);
  rows.forEach((row, i) => values.set(readings.values.subarray(row * WIDTH, (row + 1) * WIDTH), i * WIDTH));
  return {
    rows: rows.length,
    values,
    conditions: Int16Array.from(rows, (row) => readings.conditions[row]),
    engineOf: Int32Array.from(rows, (row) => readings.engineOf[row]),
    cycles: Int32Array.from(rows, (row) => readings.cycles[row]),
    times: Float64Array.from(rows, (row) => readings.times[row]),
    engines: readings.engines,
  };
}
