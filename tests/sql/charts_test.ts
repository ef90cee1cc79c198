/** What charts are drawn from: engine_series and arrivals. */

import assert from "node:assert/strict";
import type postgres from "postgres";
import { storeBatch } from "../../shared/intake.ts";
import { MEASUREMENTS, SENSORS } from "../../shared/sensors.ts";
import { testDatabase } from "../support/database.ts";
import { candidates, reading } from "../support/readings.ts";

const HOUR_MS = 3_600_000;
const START = Date.UTC(2024, 0, 1);

interface Series {
  first: number;
  last: number;
  since: number;
  until: number;
  readings: number;
  slot_seconds: number | null;
  cadence_seconds: number;
  condition: number;
  conditions: { condition: number; name: string | null; readings: number }[];
  time: number[];
  cycle: number[];
  slot_readings: number[];
  slot_condition: number[];
  sensors: Record<string, [(number | null)[], (number | null)[] | null]>;
  baselines: Record<string, [number, number, number]>;
  gaps: [number, number][];
}

async function series(
  sql: postgres.Sql,
  slots: number,
  options: { since?: string; until?: string; condition?: number; engine?: string } = {},
): Promise<Series> {
  const { since = null, until = null, condition = null, engine = "E" } = options;
  const [{ found }] = await sql`
    select engine_series(${engine}, ${since}::timestamptz, ${until}::timestamptz, ${slots}::integer,
      ${condition}::integer) as found`;
  return found;
}

function hours(place: number): number {
  return START / 1000 + place * 3600;
}

/** 100 hourly readings of E, from place to value; every fourth at altitude, none in places 40 to 49. */
async function flown(sql: postgres.Sql): Promise<void> {
  const places = Array.from({ length: 100 }, (_, place) => place).filter((place) => place < 40 || place > 49);
  await storeBatch(
    sql,
    { source: "ingest", reference: null },
    candidates(places.map((place) =>
      reading({
        engine_id: "E",
        cycle: place + 1,
        timestamp: new Date(START + place * HOUR_MS).toISOString(),
        s17: 390 + place % 7,
        ...place % 4 === 0 ? { altitude: 20, mach_number: 0.7, tra: 100, s17: 350 } : {},
      })
    )),
  );
  await sql`update engines set cadence = '1 hour'`;
}

Deno.test("an engine with fewer readings than slots has a slot for each, and its gap is told", async () => {
  await using db = await testDatabase();
  await flown(db.sql);
  const found = await series(db.sql, 600);
  assert.equal(found.readings, 90);
  assert.equal(found.slot_seconds, null);
  assert.deepEqual(found.time.slice(38, 42), [hours(38), hours(39), hours(50), hours(51)]);
  assert.deepEqual(found.cycle.slice(38, 42), [39, 40, 51, 52]);
  assert.deepEqual(found.slot_readings, Array(90).fill(1));
  assert.deepEqual(found.gaps, [[hours(39), hours(50)]]);
  assert.deepEqual([found.first, found.last, found.since, found.until], [0, 99, 0, 99].map(hours));
  assert.equal(found.cadence_seconds, 3600);
  assert.deepEqual(Object.keys(found.sensors).sort(), [...SENSORS].sort());
});

Deno.test("values are of the condition that most readings were taken in, unless another is asked for", async () => {
  await using db = await testDatabase();
  await flown(db.sql);
  await db.sql`
    insert into engine_baselines (engine_id, readings, complete, first_timestamp, last_timestamp)
    select id, 50, true, '2024-01-01Z', '2024-01-03Z' from engines`;
  await db.sql`
    insert into sensor_baselines (engine_id, condition, column_name, readings, mean, sd, sorted_values)
    select id, condition, 's17', 30, 300 + condition, 2, '{300}' from engines, unnest(array[1, 3]) as condition`;
  const found = await series(db.sql, 600);
  assert.deepEqual(found.conditions, [
    { condition: 1, name: "sea level", readings: 68 },
    { condition: 3, name: "20,000 ft, Mach 0.70", readings: 22 },
  ]);
  assert.equal(found.condition, 1);
  assert.deepEqual(found.sensors.s17, [
    found.cycle.map((cycle) => (cycle - 1) % 4 === 0 ? null : 390 + (cycle - 1) % 7),
    null,
  ]);
  assert.deepEqual(found.slot_condition.slice(0, 5), [3, 1, 1, 1, 3]);
  assert.deepEqual(found.baselines, { s17: [301, 2, 30] });
  const high = await series(db.sql, 600, { condition: 3 });
  assert.deepEqual(high.baselines, { s17: [303, 2, 30] });
  assert.deepEqual(new Set(high.sensors.s17[0]), new Set([350, null]));
});

Deno.test("in fewer slots than readings no extreme is lost, and each reading is in one of them", async () => {
  await using db = await testDatabase();
  await flown(db.sql);
  const raw = await series(db.sql, 600);
  for (const slots of [2, 7, 89]) {
    const found = await series(db.sql, slots);
    assert.equal(found.slot_seconds, 99 * 3600 / slots);
    assert.ok(found.time.length <= slots);
    assert.equal(found.slot_readings.reduce((sum, count) => sum + count), 90);
    const [least, most] = found.sensors.s17;
    const place = (time: number) => Math.min(Math.floor((time - hours(0)) / found.slot_seconds!), slots - 1);
    const expected = new Map<number, [number, number]>();
    raw.time.forEach((time, at) => {
      const value = raw.sensors.s17[0][at];
      if (value === null) return;
      const [low, high] = expected.get(place(time)) ?? [Infinity, -Infinity];
      expected.set(place(time), [Math.min(low, value), Math.max(high, value)]);
    });
    assert.deepEqual(
      found.time.map((time, at) => [least[at], most![at], place(time)]),
      found.time.map((time) => [...expected.get(place(time)) ?? [null, null], place(time)]),
    );
  }
});

Deno.test("a piece of a life has its own slots, and both of its ends belong to it", async () => {
  await using db = await testDatabase();
  await flown(db.sql);
  const found = await series(db.sql, 600, { since: "2024-01-01T10:00:00Z", until: "2024-01-01T20:00:00Z" });
  assert.deepEqual([found.since, found.until, found.readings], [hours(10), hours(20), 11]);
  assert.deepEqual([found.first, found.last], [hours(0), hours(99)]); // where the whole life is
  assert.deepEqual(found.gaps, []);
  const outside = await series(db.sql, 600, { since: "2030-01-01T00:00:00Z" });
  assert.deepEqual([outside.readings, outside.time, outside.sensors], [0, [], {}]);
});

Deno.test("what is not a number is on no chart, and neither is an engine without readings", async () => {
  await using db = await testDatabase();
  await flown(db.sql);
  await db.sql`update sensor_data set s2 = 'NaN', s3 = 'Infinity', s4 = null where cycle = 2`;
  const found = await series(db.sql, 600);
  assert.deepEqual(["s2", "s3", "s4", "s7"].map((name) => found.sensors[name][0][1]), [
    null,
    null,
    null,
    554,
  ]);
  await db.sql`insert into engines (unit_number) values ('NEW')`;
  const unflown = await series(db.sql, 600, { engine: "NEW" });
  assert.deepEqual([unflown.first, unflown.readings, unflown.time], [null, 0, []]);
  assert.equal(await series(db.sql, 600, { engine: "nobody" }), null);
  await assert.rejects(series(db.sql, 1), /slots must be between 2 and 2000: current value is 1/);
});

Deno.test("arrivals are counted in their slots and by door, and latency is that of fresh readings", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  const [{ now }] = await sql`select now() as now`;
  const at = (secondsAgo: number) => new Date(now.getTime() - secondsAgo * 1000).toISOString();
  const fresh = [10, 20, 30, 600].map((seconds, place) =>
    reading({ engine_id: "E", cycle: place + 1, timestamp: at(seconds) })
  );
  await storeBatch(
    sql,
    { source: "ingest", reference: null },
    candidates([
      ...fresh,
      fresh[0],
      { ...fresh[0], s2: "hot" },
      reading({ engine_id: "E", cycle: 9, timestamp: at(86_400) }),
    ]),
  );
  await sql`update batches set received_at = ${at(95)}::text::timestamptz`;
  // measured 10, 20, 30 and 600 s before they were stored, and one a day before
  await sql`
    update sensor_data
    set created_at = ${at(95)}::text::timestamptz, "timestamp" = "timestamp" - interval '95 s'`;
  // and one 2 s after: a clock is ahead
  await storeBatch(
    sql,
    { source: "kinesis", reference: null },
    candidates([reading({ engine_id: "F", cycle: 1, timestamp: at(2) })]),
  );
  await sql`update batches set received_at = ${at(4)}::text::timestamptz where source = 'kinesis'`;
  await sql`
    update sensor_data set created_at = ${at(4)}::text::timestamptz
    where engine_id = (select id from engines where unit_number = 'F')`;
  const [{ found }] = await sql`select arrivals(300, 30, ${at(0)}::text::timestamptz) as found`;
  const filled = (counts: number[]) => counts.flatMap((count, slot) => count === 0 ? [] : [[slot, count]]);
  assert.deepEqual(filled(found.accepted), [[20, 5], [29, 1]]);
  assert.deepEqual(filled(found.duplicates), [[20, 1]]);
  assert.deepEqual(filled(found.rejected), [[20, 1]]);
  assert.deepEqual(filled(found.timed), [[20, 4]]);
  assert.deepEqual(
    [found.latency.readings, found.latency.p50, found.latency.max].map(Math.round),
    [4, 25, 600],
  );
  assert.equal(Math.round(found.p50[20]), 25);
  assert.equal(Math.round(found.p95[20] * 10), 5145); // 0.95 of the way, between 30 and 600
  assert.equal(found.p50[19], null);
  assert.deepEqual(
    found.sources.map((
      door: Record<string, unknown>,
    ) => [door.source, door.batches, door.accepted, door.rejected]),
    [["ingest", 1, 5, 1], ["kinesis", 1, 1, 0]],
  );
  const [{ before }] = await sql`select arrivals(60, 6, now() - interval '1 hour') as before`;
  assert.deepEqual([before.last_at, before.latency.readings, before.sources], [null, 0, []]);
  await assert.rejects(
    async () => await sql`select arrivals(59)`,
    /seconds must be 60 to 86400 and slots 2 to 500: current values are 59 and 90/,
  );
});

Deno.test("what a sensor measures is said in SQL with the same words", async () => {
  await using db = await testDatabase();
  const rows = await db.sql`
    select attname as name, col_description(attrelid, attnum) as comment
    from pg_attribute where attrelid = 'public.sensor_data'::regclass and attname ~ '^s[0-9]+$'`;
  const units: Record<string, string> = { "°R": "degrees Rankine" };
  for (const { name, comment } of rows) {
    const { symbol, meaning, unit } = MEASUREMENTS[name as keyof typeof MEASUREMENTS];
    const said = `${symbol}, ${meaning[0].toLowerCase()}${meaning.slice(1)}`;
    assert.ok(
      comment.toLowerCase().startsWith(said.toLowerCase()),
      `${name} is ${said} here, and in SQL ${comment}`,
    );
    if (unit !== null) assert.ok(comment.includes(units[unit] ?? unit), `${name} in ${unit}: ${comment}`);
  }
});
