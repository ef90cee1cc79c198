/** Whole lives of simulated engines: as a matrix with what was left, or in a database. */

import type postgres from "postgres";
import { Engine, type EngineOptions } from "../../scripts/simulation/engine.ts";
import type { LabelledReadings } from "../../shared/anomaly/read_matrix.ts";
import { WIDTH } from "../../shared/anomaly/reading_matrix.ts";
import { storeBatch } from "../../shared/intake.ts";
import type { Reading } from "../../shared/reading.ts";
import { SENSORS } from "../../shared/sensors.ts";
import { candidates } from "./readings.ts";

const DAY_MS = 86_400_000;

/** One engine: all readings of its life, one a day. */
export interface Life {
  readonly unitNumber: string;
  readonly readings: readonly Reading[];
  /** Operating condition of each reading, from 1, as the table operating_conditions counts them. */
  readonly conditions: readonly number[];
}

/** Lives of engines, numbered from `first`. */
export function simulatedLives(
  count: number,
  options: EngineOptions & { readonly seed: number; readonly first?: number },
): Life[] {
  const { seed, first = 1 } = options;
  return Array.from({ length: count }, (_, i) => {
    const engine = new Engine(`LIFE_${String(first + i).padStart(3, "0")}`, seed, first + i, options);
    const readings: Reading[] = [];
    const conditions: number[] = [];
    while (!engine.failed) {
      readings.push(engine.fly(new Date(Date.UTC(2024, 0, 1) + engine.cycle * DAY_MS).toISOString()));
      conditions.push(engine.condition.condition);
    }
    return { unitNumber: engine.unitNumber, readings, conditions };
  });
}

/** Lives as a matrix. */
export function asMatrix(lives: readonly Life[]): LabelledReadings {
  const all = lives.flatMap(({ readings, conditions }, engine) =>
    readings.map((reading, i) => ({
      reading,
      engine,
      condition: conditions[i],
      left: readings.length - 1 - i,
    }))
  );
  const values = new Float64Array(all.length * WIDTH);
  all.forEach(({ reading }, row) =>
    SENSORS.forEach((sensor, i) => values[row * WIDTH + i] = reading[sensor] ?? NaN)
  );
  return {
    readings: {
      rows: all.length,
      values,
      conditions: Int16Array.from(all, ({ condition }) => condition),
      engineOf: Int32Array.from(all, ({ engine }) => engine),
      cycles: Int32Array.from(all, ({ reading }) => reading.cycle),
      times: Float64Array.from(all, ({ reading }) => Date.parse(reading.timestamp) * 1000),
      engines: lives.map(({ unitNumber }) => ({
        id: unitNumber,
        unitNumber,
        dataset: null,
        baselines: new Map(),
        baselineUntil: NaN,
      })),
    },
    remaining: Float64Array.from(all, ({ left }) => left),
  };
}

/**
 * Stores lives through the intake.
 *
 * @param until How many readings of each engine are stored; all unless given, and then the engine has failed.
 */
export async function storeLives(
  sql: postgres.Sql,
  lives: readonly Life[],
  { dataset, subset, until }: {
    readonly dataset: string | null;
    readonly subset: "train" | "test" | null;
    readonly until?: number;
  },
): Promise<void> {
  const { rejections } = await storeBatch(
    sql,
    { source: "ingest", reference: null },
    candidates(lives.flatMap(({ readings }) => readings.slice(0, until))),
  );
  if (rejections.length > 0) throw new Error(`the fleet was not stored: ${rejections[0].message}`);
  for (const { unitNumber, readings } of lives) {
    await sql`
      update public.engines
      set dataset = ${dataset}, subset = ${subset}, rul_cap = 125,
        status = ${until === undefined ? "failed" : "active"},
        life_cycles = ${until === undefined || subset === "test" ? readings.length : null}
      where unit_number = ${unitNumber}`;
  }
}
