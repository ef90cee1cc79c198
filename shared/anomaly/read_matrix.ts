/**
 * Readings of the database as matrices.
 *
 * They come packed, one row of bytes an engine: an object a reading costs the worker more CPU than scoring it does.
 */

import type postgres from "postgres";
import { SENSORS } from "../sensors.ts";
import { type ConditionBaseline, type MatrixEngine, type ReadingMatrix, WIDTH } from "./reading_matrix.ts";

/** Times of engines: parallel arrays. Ranges of one engine may overlap; no reading comes twice. */
export interface TimeRanges {
  /** `engines.id` */
  readonly engineIds: readonly string[];
  /** Begin of each range, which is part of it, as Postgres reads a timestamp; `-infinity` for none. */
  readonly from: readonly string[];
  /** End of each range, which is not part of it; `infinity` for none. */
  readonly until: readonly string[];
}

/** Readings of engines whose whole life is known. */
export interface LabelledReadings {
  readonly readings: ReadingMatrix;
  /** Of each row: cycles that its engine had left after it. */
  readonly remaining: Float64Array;
}

/** Fewest values that a baseline of a sensor in a condition must be of: with fewer, its deviation is a guess. */
export const LEAST_BASELINE_READINGS = 10;

/** Microseconds from 1970, which the matrix counts from, to 2000, which Postgres counts from. */
const EPOCH_MICROSECONDS = 946_684_800_000_000;

/** A packed reading: time, cycle, condition, a float a sensor. */
const READING_BYTES = 8 + 4 + 2 + 4 * WIDTH;

/** A packed baseline: condition, place of the sensor, number of values, mean, standard deviation. */
const BASELINE_BYTES = 2 + 2 + 4 + 8 + 8;

const PACKED_READING = [
  'timestamptz_send(reading."timestamp")',
  "int4send(reading.cycle)",
  "int2send(reading.condition)",
  ...SENSORS.map((sensor) => `float4send(coalesce(reading.${sensor}, 'NaN'))`),
].join(" || ");

interface PackedEngine {
  readonly id: string;
  readonly unit_number: string;
  readonly dataset: string | null;
  readonly life_cycles: number | null;
  readonly readings: Uint8Array;
  readonly baseline_until: Uint8Array | null;
  readonly baselines: Uint8Array | null;
}

/**
 * Reads readings that a part of a query selects.
 *
 * @param chosen Query of (engine_id, packed reading as bytes, "timestamp", cycle).
 * @param parameters What `$2` and so on are in it; `$1` is the least number of values of a baseline.
 */
async function readPacked(
  sql: postgres.ISql,
  chosen: string,
  [engineIds, ...others]: readonly [readonly string[], ...(number | readonly string[])[]],
): Promise<PackedEngine[]> {
  // Without a first element postgres.js has only the server's word for the type, and on a new connection may not know it
  if (engineIds.length === 0) return [];
  return await sql.unsafe<PackedEngine[]>(
    `
    with chosen as (${chosen}),
    packed as (
      select
        chosen.engine_id,
        string_agg(chosen.packed, '' order by chosen."timestamp", chosen.cycle) as readings
      from chosen
      group by chosen.engine_id
    )
    select
      engines.id, engines.unit_number, engines.dataset, engines.life_cycles, packed.readings,
      timestamptz_send(period.last_timestamp) as baseline_until,
      (
        select string_agg(
          int2send(baseline.condition) || int2send(sensor.place::smallint) || int4send(baseline.readings)
            || float8send(baseline.mean) || float8send(baseline.sd),
          ''
        )
        from public.sensor_baselines as baseline
        join unnest(array['${SENSORS.join("', '")}']) with ordinality as sensor (name, place)
          on sensor.name = baseline.column_name
        where baseline.engine_id = packed.engine_id
          and baseline.readings >= $1::integer and baseline.sd > 0
      ) as baselines
    from packed
    join public.engines on engines.id = packed.engine_id
    left join public.engine_baselines as period on period.engine_id = packed.engine_id and period.complete
    order by engines.unit_number`,
    [LEAST_BASELINE_READINGS, engineIds, ...others] as postgres.ParameterOrJSON<never>[],
  );
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Microseconds since 1970 of a timestamp as Postgres sends it. */
function timeAt(view: DataView, at: number): number {
  // both halves are exact in a double, and so is their sum for the times that readings may have
  return view.getInt32(at) * 2 ** 32 + view.getUint32(at + 4) + EPOCH_MICROSECONDS;
}

function unpackBaselines(bytes: Uint8Array): Map<number, ConditionBaseline> {
  const baselines = new Map<number, ConditionBaseline>();
  const view = viewOf(bytes);
  for (let at = 0; at < bytes.length; at += BASELINE_BYTES) {
    const condition = view.getInt16(at);
    let baseline = baselines.get(condition);
    if (baseline === undefined) {
      baseline = {
        mean: new Float64Array(WIDTH).fill(NaN),
        sd: new Float64Array(WIDTH).fill(NaN),
        readings: new Int32Array(WIDTH),
      };
      baselines.set(condition, baseline);
    }
    const sensor = view.getInt16(at + 2) - 1;
    baseline.readings[sensor] = view.getInt32(at + 4);
    baseline.mean[sensor] = view.getFloat64(at + 8);
    baseline.sd[sensor] = view.getFloat64(at + 16);
  }
  return baselines;
}

function unpackEngine({ id, unit_number, dataset, baseline_until, baselines }: PackedEngine): MatrixEngine {
  return {
    id,
    unitNumber: unit_number,
    dataset,
    baselines: baselines === null ? new Map() : unpackBaselines(baselines),
    baselineUntil: baseline_until === null ? NaN : timeAt(viewOf(baseline_until), 0),
  };
}

function unpack(packed: readonly PackedEngine[]): ReadingMatrix {
  const rows = packed.reduce((sum, { readings }) => sum + readings.length / READING_BYTES, 0);
  const values = new Float64Array(rows * WIDTH);
  const conditions = new Int16Array(rows);
  const engineOf = new Int32Array(rows);
  const cycles = new Int32Array(rows);
  const times = new Float64Array(rows);
  let row = 0;
  packed.forEach(({ readings }, engine) => {
    const view = viewOf(readings);
    for (let at = 0; at < readings.length; row++) {
      times[row] = timeAt(view, at);
      cycles[row] = view.getInt32(at + 8);
      conditions[row] = view.getInt16(at + 12);
      engineOf[row] = engine;
      at += 14;
      for (let sensor = row * WIDTH; sensor < (row + 1) * WIDTH; sensor++, at += 4) {
        const value = view.getFloat32(at);
        values[sensor] = Number.isFinite(value) ? value : NaN;
      }
    }
  });
  return { rows, values, conditions, engineOf, cycles, times, engines: packed.map(unpackEngine) };
}

/**
 * Reads the readings of ranges of time, by engine, time and cycle. Engines without any are not in the matrix.
 *
 * @example
 * ```ts ignore
 * const readings = await readRanges(sql, { engineIds: [id], from: ["2024-01-01T00:00:00Z"], until: ["infinity"] });
 * ```
 */
export async function readRanges(sql: postgres.ISql, ranges: TimeRanges): Promise<ReadingMatrix> {
  const { engineIds, from, until } = ranges;
  return unpack(
    await readPacked(
      sql,
      `
      select wanted.engine_id, reading.packed, reading."timestamp", reading.cycle
      from (
        select target.engine_id, unnest(range_agg(tstzrange(target.since, target.until))) as range
        from unnest($2::text[]::uuid[], $3::text[]::timestamptz[], $4::text[]::timestamptz[])
          as target (engine_id, since, until)
        group by target.engine_id
      ) as wanted
      cross join lateral (
        select ${PACKED_READING} as packed, reading."timestamp", reading.cycle
        from public.classified_readings as reading
        where reading.engine_id = wanted.engine_id
          and reading."timestamp" >= lower(wanted.range) and reading."timestamp" < upper(wanted.range)
        offset 0 -- as a join it may be a hash join, which reads all months
      ) as reading`,
      [engineIds, from, until],
    ),
  );
}

/** Reads the first readings in time of each engine; all of those that have fewer. */
export async function readFirst(
  sql: postgres.ISql,
  engineIds: readonly string[],
  readings: number,
): Promise<ReadingMatrix> {
  return unpack(
    await readPacked(
      sql,
      `
      select wanted.engine_id, reading.packed, reading."timestamp", reading.cycle
      from unnest($2::text[]::uuid[]) as wanted (engine_id)
      cross join lateral (
        select ${PACKED_READING} as packed, reading."timestamp", reading.cycle
        from public.classified_readings as reading
        where reading.engine_id = wanted.engine_id
        order by reading."timestamp", reading.cycle
        limit $3::integer
      ) as reading`,
      [engineIds, readings],
    ),
  );
}

/**
 * Reads the lives of engines with what they had left: those of which `engines.life_cycles` says how long they lived, the
 * others are left out.
 *
 * @param mostRemaining Only readings with at most so many cycles left; all of them unless given.
 */
export async function readLives(
  sql: postgres.ISql,
  engineIds: readonly string[],
  mostRemaining = 2 ** 31 - 1,
): Promise<LabelledReadings> {
  const packed = await readPacked(
    sql,
    `
    select wanted.engine_id, reading.packed, reading."timestamp", reading.cycle
    from unnest($2::text[]::uuid[]) as wanted (engine_id)
    join public.engines as life on life.id = wanted.engine_id and life.life_cycles is not null
    cross join lateral (
      select ${PACKED_READING} as packed, reading."timestamp", reading.cycle
      from public.classified_readings as reading
      where reading.engine_id = wanted.engine_id
        and life.life_cycles - reading.cycle <= $3::integer
      offset 0
    ) as reading`,
    [engineIds, mostRemaining],
  );
  const readings = unpack(packed);
  const remaining = Float64Array.from(
    readings.cycles,
    (cycle, row) => packed[readings.engineOf[row]].life_cycles! - cycle,
  );
  return { readings, remaining };
}
