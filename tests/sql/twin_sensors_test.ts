/** The two sensors of one speed: what both show is the engine, what one shows alone is the sensor. */

import assert from "node:assert/strict";
import type postgres from "postgres";
import { storeBatch } from "../../shared/intake.ts";
import { Random } from "../../shared/random.ts";
import { SENSORS } from "../../shared/sensors.ts";
import { hasPostgres15, testDatabase } from "../support/database.ts";
import { candidates, reading } from "../support/readings.ts";

const HOUR = 3_600_000;
const FIRST = Date.UTC(2024, 0, 1);
const READINGS = 160;
const END = new Date(FIRST + READINGS * HOUR);

/** What is added to a sensor from one reading until before another, in standard deviations. */
type Shift = readonly [sensor: (typeof SENSORS)[number], from: number, until: number, size: number];

/** A hundred readings that are the baseline of an engine, and sixty after them, with something added. */
async function fly(sql: postgres.Sql, unitNumber: string, shifts: readonly Shift[]): Promise<void> {
  const random = new Random(5, unitNumber.length);
  const typical = reading();
  const readings = Array.from({ length: READINGS }, (_, i) =>
    reading({
      engine_id: unitNumber,
      cycle: i + 1,
      timestamp: new Date(FIRST + i * HOUR).toISOString(),
      ...Object.fromEntries(SENSORS.map((sensor) => {
        const added = shifts
          .filter(([of, from, until]) => of === sensor && i >= from && i < until)
          .reduce((sum, [, , , size]) => sum + size, 0);
        return [sensor, typical[sensor]! + random.normal() + added];
      })),
    }));
  await storeBatch(sql, { source: "load", reference: null }, candidates(readings));
}

/** Engines with the sensors that a check finds something about. */
async function found(sql: postgres.Sql, check: "levels" | "spikes"): Promise<Record<string, string[]>> {
  const rows = await sql<{ unit: string; sensors: string[] }[]>`
    select unit_number as unit, array(
      select sensor ->> 'column' from jsonb_array_elements(result.evidence -> 'sensors') as sensor
    ) as sensors
    from ${sql(`check_${check}`)}('24 hours', ${END}) as result
    join engines on engines.id = result.engine_id
    where result.status in ('warning', 'fail')`;
  return Object.fromEntries(rows.map(({ unit, sensors }) => [unit, sensors]));
}

for (const version of hasPostgres15 ? [15, 17] as const : [17] as const) {
  Deno.test(`a speed that both of its sensors show is the engine's, one that a single sensor shows is a fault (Postgres ${version})`, async () => {
    await using db = await testDatabase({ version, connections: 1 });
    const { sql } = db;
    await sql`set jit = off`; // as run_checks does
    // core speed, in the proportion in which engines differ in it
    const [{ s9, s14 }] = await sql`
      select
        max(spread) filter (where column_name = 's9') as s9, max(spread) filter (where column_name = 's14') as s14
      from wear_signatures where dataset is null`;
    await fly(sql, "CORE", [["s9", 100, 160, 4], ["s14", 100, 160, 4 * s14 / s9]]);
    await fly(sql, "CORE_SENSOR", [["s9", 100, 160, 4]]);
    await fly(sql, "FAN_JUMPS", [["s8", 157, 158, 14], ["s13", 157, 158, 14]]);
    await fly(sql, "FAN_SENSOR_JUMPS", [["s8", 157, 158, 14]]);
    await fly(sql, "OTHER_SENSORS", [["s2", 100, 160, 4], ["s3", 157, 158, 14]]);
    await sql`select roll_up_readings()`;

    assert.deepEqual(await found(sql, "levels"), { CORE_SENSOR: ["s9"], OTHER_SENSORS: ["s2"] });
    assert.deepEqual(await found(sql, "spikes"), { FAN_SENSOR_JUMPS: ["s8"], OTHER_SENSORS: ["s3"] });
    const verdicts = await sql`
      select unit_number, column_name, verdict
      from measure_drift(array(select id from engines), ${END}) as drift
      join engines on engines.id = drift.engine_id
      where verdict <> 'stable' and column_name in ('s2', 's9', 's14')
      order by unit_number, column_name`;
    assert.deepEqual(verdicts.map((row) => Object.values(row).join(" ")), [
      "CORE s14 degradation",
      "CORE s9 degradation",
      "CORE_SENSOR s9 drift",
      "OTHER_SENSORS s2 drift",
    ]);

    // control: were they no twins, both would be found
    await sql`
      create or replace function twin_sensors() returns table (column_name text, twin text, share double precision)
      language sql immutable as 'select null, null, null::double precision where false'`;
    assert.deepEqual((await found(sql, "levels")).CORE, ["s14", "s9"]);
    assert.deepEqual((await found(sql, "spikes")).FAN_JUMPS, ["s13", "s8"]);
  });
}
