/** Readings of the database as matrices. */

import assert from "node:assert/strict";
import {
  LEAST_BASELINE_READINGS,
  readFirst,
  readLives,
  readRanges,
} from "../../../shared/anomaly/read_matrix.ts";
import { type ReadingMatrix, WIDTH } from "../../../shared/anomaly/reading_matrix.ts";
import { SENSORS } from "../../../shared/sensors.ts";
import { testDatabase } from "../../support/database.ts";
import { simulatedFleet, storeAsOf } from "../../support/simulated_fleet.ts";

const HOUR = 3_600_000;
const START = Date.parse("2024-03-30T00:00:00Z"); // so that two months hold readings

/** Rows of the database that a matrix is to be made of, in its order. */
interface Row {
  readonly unit_number: string;
  readonly condition: number;
  readonly cycle: number;
  readonly microseconds: number;
  readonly sensors: (number | null)[];
}

function assertSame(matrix: ReadingMatrix, rows: readonly Row[]): void {
  assert.equal(matrix.rows, rows.length);
  rows.forEach((row, i) => {
    assert.equal(matrix.engines[matrix.engineOf[i]].unitNumber, row.unit_number);
    assert.equal(matrix.conditions[i], row.condition);
    assert.equal(matrix.cycles[i], row.cycle);
    assert.equal(matrix.times[i], row.microseconds);
    assert.deepEqual(
      [...matrix.values.subarray(i * WIDTH, (i + 1) * WIDTH)],
      row.sensors.map((value) => value ?? NaN),
    );
  });
}

Deno.test("a matrix is what the view of classified readings says, with each engine's own baselines", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  const fleet = simulatedFleet({ engines: 3, hours: 130, startMs: START, seed: 1 });
  // one reading lacks sensors, one is in no known condition, one engine has too few readings for a baseline
  const given = fleet.filter(({ engine_id, cycle }) => engine_id !== "SIM_03" || cycle <= 30).map((reading) =>
    reading.cycle !== 7
      ? reading
      : reading.engine_id === "SIM_01"
      ? { ...reading, s2: null, s21: null }
      : { ...reading, altitude: 5 }
  );
  assert.equal(await storeAsOf(sql, given, new Date(START + 140 * HOUR)), 0);
  await sql`select roll_up_readings()`;
  await sql`update sensor_data set s3 = 'Infinity' where cycle = 8`;

  const expected = async (condition: ReturnType<typeof sql>) =>
    await sql<Row[]>`
      select unit_number, condition, cycle, (extract(epoch from "timestamp") * 1000000)::float8 as microseconds,
        array[${
      sql.unsafe(SENSORS.map((s) => s === "s3" ? "nullif(s3, 'Infinity')" : s).join(", "))
    }]::float8[] as sensors
      from classified_readings join engines on engines.id = engine_id where ${condition}
      order by unit_number, "timestamp", cycle`;
  const ids = Object.fromEntries(
    (await sql`select id, unit_number from engines`).map(({ id, unit_number }) => [unit_number, id]),
  );

  const all = await readRanges(sql, {
    engineIds: Object.values(ids),
    from: ["-infinity", "-infinity", "-infinity"],
    until: ["infinity", "infinity", "infinity"],
  });
  assertSame(all, await expected(sql`true`));
  assert.equal(all.rows, 290);
  assert.equal(all.conditions.filter((condition) => condition === 0).length, 2);

  // ranges that overlap give no reading twice; ends are outside
  const at = (hours: number) => new Date(START + hours * HOUR).toISOString();
  const some = await readRanges(sql, {
    engineIds: [ids.SIM_02, ids.SIM_01, ids.SIM_02, ids.SIM_02],
    from: [at(100), at(3), at(110), "2024-03-30T05:00:00Z"],
    until: [at(120), at(3), "infinity", at(5)],
  });
  assertSame(
    some,
    await expected(sql`unit_number = 'SIM_02' and "timestamp" >= ${at(100)}::text::timestamptz`),
  );
  assert.deepEqual(some.engines.map(({ id }) => id), [ids.SIM_02]);

  assertSame(
    await readFirst(sql, [ids.SIM_01, ids.SIM_03], 50),
    await expected(sql`
    unit_number = 'SIM_01' and cycle <= 50 or unit_number = 'SIM_03'`),
  );

  await sql`update engines set life_cycles = 150 where unit_number = 'SIM_01'`;
  const lives = await readLives(sql, Object.values(ids));
  assertSame(lives.readings, await expected(sql`unit_number = 'SIM_01'`));
  assert.deepEqual([...lives.remaining], Array.from({ length: 130 }, (_, i) => 149 - i));
  assert.deepEqual([...(await readLives(sql, [ids.SIM_01], 22)).remaining], [22, 21, 20]);

  // baselines
  const [one, , three] = all.engines;
  assert.deepEqual([three.baselines.size, three.baselineUntil], [0, NaN]);
  assert.deepEqual([...one.baselines.keys()], [1]);
  const stored = await sql`
    select column_name, sensor_baselines.readings, mean, sd, (extract(epoch from last_timestamp) * 1000000)::float8 as until
    from sensor_baselines join engine_baselines using (engine_id)
    where engine_id = ${ids.SIM_01} and condition = 1`;
  for (const { column_name, readings, mean, sd, until } of stored) {
    const sensor = SENSORS.indexOf(column_name);
    if (sensor < 0) continue;
    const baseline = one.baselines.get(1)!;
    assert.deepEqual([baseline.readings[sensor], baseline.mean[sensor], baseline.sd[sensor]], [
      readings,
      mean,
      sd,
    ]);
    assert.equal(one.baselineUntil, until);
  }
  assert.ok(stored.length >= WIDTH);

  // what is of too few values, or does not vary, is none
  await sql`update sensor_baselines set readings = ${LEAST_BASELINE_READINGS - 1} where column_name = 's2'`;
  await sql`update sensor_baselines set sd = 0 where column_name = 's4'`;
  const { engines: [changed] } = await readFirst(sql, [ids.SIM_01], 1);
  assert.deepEqual(
    [0, 2, 3].map((sensor) => Number.isNaN(changed.baselines.get(1)!.sd[sensor])),
    [true, true, false],
  );
});

Deno.test("no engines and no ranges give an empty matrix", async () => {
  await using db = await testDatabase();
  for (
    const readings of [
      await readRanges(db.sql, { engineIds: [], from: [], until: [] }),
      await readFirst(db.sql, [], 50),
      (await readLives(db.sql, [])).readings,
    ]
  ) assert.deepEqual([readings.rows, readings.engines], [0, []]);
});
