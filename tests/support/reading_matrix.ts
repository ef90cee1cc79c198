/** Reading matrices made of plain rows. */

import {
  type ConditionBaseline,
  type MatrixEngine,
  type ReadingMatrix,
  WIDTH,
} from "../../shared/anomaly/reading_matrix.ts";

/** A row of a matrix; `null` where a sensor gave no value. */
export interface MatrixRow {
  readonly values: readonly (number | null)[];
  /** 1 unless given. */
  readonly condition?: number;
  /** Place of the engine; 0 unless given. */
  readonly engine?: number;
  /** The row's place + 1 unless given; the time is as many hours after 1970. */
  readonly cycle?: number;
}

const HOUR = 3_600_000_000;

/** An engine without baselines, or with those given. */
export function matrixEngine(
  number: number,
  baselines: ReadonlyMap<number, ConditionBaseline> = new Map(),
  baselineCycles = NaN,
): MatrixEngine {
  return {
    id: `00000000-0000-0000-0000-${String(number).padStart(12, "0")}`,
    unitNumber: `ENGINE_${number}`,
    dataset: null,
    baselines,
    baselineUntil: baselineCycles * HOUR,
  };
}

export function matrixOf(rows: readonly MatrixRow[], engines?: readonly MatrixEngine[]): ReadingMatrix {
  const count = rows.reduce((most, { engine = 0 }) => Math.max(most, engine + 1), 0);
  const values = new Float64Array(rows.length * WIDTH);
  rows.forEach((row, i) => values.set(row.values.map((value) => value ?? NaN), i * WIDTH));
  const cycles = Int32Array.from(rows, ({ cycle }, i) => cycle ?? i + 1);
  return {
    rows: rows.length,
    values,
    conditions: Int16Array.from(rows, ({ condition = 1 }) => condition),
    engineOf: Int32Array.from(rows, ({ engine = 0 }) => engine),
    cycles,
    times: Float64Array.from(cycles, (cycle) => cycle * HOUR),
    engines: engines ?? Array.from({ length: count }, (_, number) => matrixEngine(number)),
  };
}

/** Mean and sample standard deviation of each sensor of some rows, as learn_baselines stores them. */
export function baselineOf(rows: readonly MatrixRow[]): ConditionBaseline {
  const column = (i: number) => rows.flatMap(({ values }) => values[i] ?? []);
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const sensors = Array.from({ length: WIDTH }, (_, i) => column(i));
  return {
    mean: Float64Array.from(sensors, mean),
    sd: Float64Array.from(
      sensors,
      (values) =>
        Math.sqrt(
          values.reduce((sum, value) => sum + (value - mean(values)) ** 2, 0) / (values.length - 1),
        ) ||
        NaN,
    ),
    readings: Int32Array.from(sensors, ({ length }) => length),
  };
}
