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
  /** The engines, by `engines.id`, with their own baselines by condition. */
  readonly engines: readonly {
    readonly id: string;
    readonly unitNumber: string;
    readonly dataset: string | null;
    readonly baselines: ReadonlyMap<number, ConditionBaseline>;
  }[];
}
