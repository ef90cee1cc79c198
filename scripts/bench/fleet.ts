/** A healthy fleet of the kind of FD001 with one reading an hour, made inside Postgres: millions of rows in minutes. */

import type postgres from "postgres";
import { transaction } from "../../shared/database.ts";

/** Of FD001: mean, noise (standard deviation within an engine), standard deviation between engines, decimals. */
export const FD001_SENSORS: Readonly<Record<string, readonly [number, number, number, number]>> = {
  altitude: [0, 0.002, 0, 4],
  mach_number: [0, 0.0003, 0, 4],
  tra: [100, 0, 0, 1],
  s2: [642.4, 0.3, 0.24, 2],
  s3: [1587, 3.96, 2.45, 2],
  s4: [1403, 3.9, 4.49, 2],
  s7: [554, 0.4, 0.48, 2],
  s8: [2388.06, 0.03, 0.05, 2],
  s9: [9056, 4.2, 7.3, 2],
  s11: [47.4, 0.1, 0.15, 2],
  s12: [521.9, 0.3, 0.41, 2],
  s13: [2388.06, 0.03, 0.05, 2],
  s14: [8137, 3.1, 7.4, 2],
  s15: [8.42, 0.02, 0.018, 4],
  s17: [392, 0.91, 0.69, 0],
  s20: [38.9, 0.1, 0.09, 2],
  s21: [23.36, 0.06, 0.05, 4],
};

/** One engine in a hundred has a sensor, s11, that reads this many standard deviations of its noise too high. */
const CALIBRATION_ERROR = 5;

/** One engine in a hundred has a sensor, s2, of which one reading a day is this many standard deviations too high. */
const SPIKE = 12;

/** How many of the latest hours of history these faults have lasted: all that drift looks at. */
const ERROR_HOURS = 200;

/** A fleet, and when its readings begin. */
export interface Fleet {
  readonly engines: number;
  /** Reading `slot` of an engine is `slot` hours later, and up to an hour after that: each engine has its minute. */
  readonly beginning: Date;
  /** First slot in which the faulty engines are faulty. */
  readonly faultyFrom: number;
}

/** The fleet whose slots before `slots` are history by `end`. */
export function fleetUntil(end: Date, engines: number, slots: number): Fleet {
  return {
    engines,
    beginning: new Date(end.getTime() - slots * 3_600_000),
    faultyFrom: slots - ERROR_HOURS,
  };
}

/** The moment at which the readings of all slots before `slot` are there, and no other. */
export function endOf(fleet: Fleet, slot: number): Date {
  return new Date(fleet.beginning.getTime() + slot * 3_600_000);
}

/** Engines whose s11 drifts. */
export function faultyEngines(fleet: Fleet): number {
  return Math.ceil(fleet.engines / 100);
}

/** Uniform noise of mean 0 and standard deviation 1: one of the four parts of a hash, 16 bits each. */
function noise(hash: string, part: number): string {
  return `(((${hash} >> ${part * 16}) & 65535)::double precision / 65535 - 0.5) * ${2 * Math.sqrt(3)}`;
}

/** Registers the engines: one dataset, two cohorts. */
export async function addEngines(sql: postgres.Sql, fleet: Fleet): Promise<void> {
  await sql`
    insert into public.engines (unit_number, dataset, cohort)
    select 'ENGINE_' || to_char(number, 'FM0000'), 'FD001', case number % 2 when 0 then 'train' else 'test' end
    from generate_series(1, ${fleet.engines}::integer) as number`;
}

/**
 * Writes the readings of some slots, in order of time, as they would have come. They are the same each time.
 *
 * @param from, to Slots from `from` on and before `to`.
 */
export async function addReadings(
  sql: postgres.Sql | postgres.TransactionSql,
  fleet: Fleet,
  from: number,
  to: number,
): Promise<void> {
  const sensors = Object.entries(FD001_SENSORS);
  const base = sensors.map(([, [mean, , between]], i) =>
    `${mean} + ${between} * ${noise(`hashint8extended(number, ${100 + i})`, 0)} as base_${i}`
  );
  const values = sensors.map(([name, [, within, , decimals]], i) => {
    const noisy = `base_${i} + ${within} * ${noise(`hash_${Math.floor(i / 4)}`, i % 4)}`;
    const fault = {
      s11: `number % 100 = 1 then ${CALIBRATION_ERROR * within}`,
      s2: `number % 100 = 2 and slot % 24 = 5 then ${SPIKE * within}`,
    }[name];
    const value = fault === undefined
      ? noisy
      : `${noisy} + case when slot >= ${fleet.faultyFrom} and ${fault} else 0 end`;
    return `round((${value}) * 1e${decimals}) / 1e${decimals}`;
  });
  const hashes = Array.from(
    { length: Math.ceil(sensors.length / 4) },
    (_, i) => `hashint8extended(number * 1000000 + slot, ${i}) as hash_${i}`,
  );
  await sql.unsafe(
    `insert into public.sensor_data (engine_id, cycle, "timestamp", ${
      Object.keys(FD001_SENSORS).join(", ")
    }, batch_id)
    with engine as materialized (
      select id, number, ${base.join(", ")}
      from (select id, substr(unit_number, 8)::bigint as number from public.engines) as named
    )
    select id, slot + 1, $1::timestamptz + make_interval(hours => slot, mins => (number * 37 % 60)::integer),
      ${values.join(",\n      ")}, '00000000-0000-4000-8000-000000000000'
    from (
      select engine.*, slot, ${hashes.join(", ")}
      from generate_series($2::integer, $3::integer - 1) as slot cross join engine
      offset 0 -- each hash once
    ) as reading`,
    [fleet.beginning, from, to],
  );
}

/**
 * Writes history the fast way, month by month: without the checks of each row and the triggers, which cost more than
 * the rows. What the triggers would have written down is written down here: everything has changed.
 */
export async function addHistory(
  sql: postgres.Sql,
  fleet: Fleet,
  from: number,
  to: number,
  progress: (line: string) => void,
): Promise<void> {
  for (let slot = from; slot < to; slot += 720) {
    const end = Math.min(slot + 720, to);
    await transaction(sql, async (sql) => {
      // 720 hours may touch three months
      await sql`
        select public.create_sensor_data_partitions(array(
          select generate_series(${endOf(fleet, slot)}::timestamptz, ${endOf(fleet, end)}, '1 day')
        ) || ${endOf(fleet, end)}::timestamptz)`;
      await sql`set local session_replication_role = replica`;
      await addReadings(sql, fleet, slot, end);
    });
    progress(`history: ${((end - from) * fleet.engines).toLocaleString("en-US")} rows`);
  }
  await sql`insert into public.sensor_data_changes (hours) values ('{(,)}')`;
  await sql`vacuum analyze public.sensor_data`;
}
