/** Numbers of spikes, levels, arrival and copies: against golden/checks.py (numpy) and against sums done by hand. */

import assert from "node:assert/strict";
import type postgres from "postgres";
import { hasPostgres15, type TestDatabase, testDatabase } from "../support/database.ts";
import golden from "./golden/checks.json" with { type: "json" };

const HOUR = 3_600_000;
const START = Date.UTC(2024, 2, 21);
const at = (hours: number) => new Date(START + hours * HOUR);

/** Settings of the operating conditions, by number; 0 is none of them. */
const SETTINGS = [[15, 0.5, 80], [0, 0, 100], [10, 0.25, 100], [20, 0.7, 100], [25, 0.62, 60], [
  35,
  0.84,
  100,
], [
  42,
  0.84,
  100,
]];

interface Engine {
  readonly name: string;
  readonly hours: readonly number[];
  readonly conditions: readonly number[];
  /** By sensor; null, and "NaN", are what they say. */
  readonly values: Readonly<Record<string, readonly (number | string | null)[]>>;
}
interface Baseline {
  readonly name: string;
  readonly condition: number;
  readonly sensor: string;
  readonly values: readonly number[];
  readonly mean: number;
  readonly sd: number;
}
interface SpikesOf {
  readonly rows: number;
  readonly enough: boolean;
  readonly sensors: Readonly<Record<string, readonly (readonly [hour: number, deviations: number])[]>>;
}
interface LevelOf {
  readonly shift: number;
  readonly wear_shift: number;
  /** Standard errors beyond what engines differ in. */
  readonly errors: number;
}
interface Case {
  readonly name: string;
  readonly fleet: string;
  readonly until: number;
  readonly baselines: readonly Baseline[];
  readonly signature: Readonly<Record<string, { readonly shift: number; readonly spread: number }>>;
  readonly spikes: Readonly<Record<string, Readonly<Record<string, SpikesOf>>>>;
  readonly levels: Readonly<Record<string, Readonly<Record<string, LevelOf>>>>;
}
const FLEETS = golden.fleets as unknown as Record<string, readonly Engine[]>;
const CASES = golden.cases as unknown as readonly Case[];

/** Stores readings as they are: the intake would refuse what is no number. */
async function store(sql: postgres.Sql, engines: readonly Engine[]): Promise<void> {
  const rows = engines.flatMap(({ name, hours, conditions, values }) =>
    hours.map((hour, i) => {
      const [altitude, mach_number, tra] = SETTINGS[conditions[i]];
      const sensors = Object.fromEntries(Object.entries(values).map(([sensor, of]) => [sensor, of[i]]));
      return { name, timestamp: at(hour), cycle: hour + 1, altitude, mach_number, tra, ...sensors };
    })
  );
  await sql`
    insert into engines (unit_number)
    select name from unnest(${
    engines.map(({ name }) => name)
  }::text[]) with ordinality as named (name, place) order by place`;
  await sql`select create_sensor_data_partitions(array[${at(0)}::timestamptz, ${at(800)}])`;
  await sql`
    insert into sensor_data (engine_id, cycle, "timestamp", altitude, mach_number, tra, s2, s3, s4, s7, batch_id, created_at)
    select engines.id, cycle, "timestamp", altitude, mach_number, tra, s2, s3, s4, s7, gen_random_uuid(), "timestamp"
    from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as reading (
      name text, cycle integer, "timestamp" timestamptz, altitude real, mach_number real, tra real, s2 real, s3 real,
      s4 real, s7 real
    )
    join engines on unit_number = name`;
}

/** Stores what a case says of baselines and wear, and forgets what the one before it said. */
async function know(sql: postgres.Sql, { baselines, signature }: Case): Promise<void> {
  await sql`delete from engine_baselines`;
  await sql`delete from wear_signatures`;
  const stored = JSON.stringify(baselines);
  await sql`
    insert into engine_baselines (engine_id, readings, complete, first_timestamp, last_timestamp)
    select distinct engines.id, 100, true, ${at(-200)}::timestamptz, ${at(-100)}::timestamptz
    from jsonb_to_recordset(${stored}::text::jsonb) as baseline (name text)
    join engines on unit_number = name`;
  await sql`
    insert into sensor_baselines (engine_id, condition, column_name, readings, mean, sd, sorted_values)
    select engines.id, condition, sensor, cardinality(values), mean, sd,
      array(select value from unnest(values) as value order by 1)
    from jsonb_to_recordset(${stored}::text::jsonb) as baseline (
      name text, condition smallint, sensor text, values real[], mean double precision, sd double precision
    )
    join engines on unit_number = name`;
  await sql`
    insert into wear_signatures (column_name, shift, spread, engines)
    select sensor, (wear ->> 'shift')::float8, (wear ->> 'spread')::float8, 10
    from jsonb_each(${JSON.stringify(signature)}::text::jsonb) as signature (sensor, wear)`;
}

// deno-lint-ignore no-explicit-any
type Evidence = any;
interface Found {
  /** Null: the table. */
  readonly engine: string | null;
  readonly value: number | null;
  readonly min: number | null;
  readonly max: number | null;
  readonly status: string;
  readonly rows: number;
  readonly evidence: Evidence;
}

/** What a check by itself returns; engines by name, the table last. */
async function found(sql: postgres.Sql, check: string, asOf: Date, window = "24 hours"): Promise<Found[]> {
  return await sql<Found[]>`
    select unit_number as engine, metric_value as value, threshold_min as min, threshold_max as max, result.status,
      rows_checked::integer as rows, evidence
    from ${sql(`check_${check}`)}(${window}::interval, ${asOf}) as result
    left join engines on engines.id = result.engine_id
    order by unit_number`;
}

const setRule = (sql: postgres.Sql, kind: string, max: number) =>
  sql`update expectations set max = ${max} where kind = ${kind}`;

/** Within rounding errors of doubles. */
function assertClose(value: number, expected: number, message: string): void {
  assert.ok(
    Math.abs(value - expected) <= 1e-9 * Math.max(1, Math.abs(expected)),
    `${message}: ${value}, not ${expected}`,
  );
}

/** The verdict on the table says what those on the engines say. */
function assertTable(rows: readonly Found[]): void {
  const table = rows.at(-1)!;
  const engines = rows.slice(0, -1);
  const known = engines.flatMap(({ value }) => value ?? []);
  const failing = engines.filter(({ status }) => status === "warning");
  assert.equal(table.engine, null);
  assert.equal(table.value, known.length === 0 ? null : Math.max(...known));
  assert.equal(table.status, known.length === 0 ? "not_evaluated" : failing.length > 0 ? "warning" : "pass");
  assert.equal(table.rows, engines.reduce((sum, { rows }) => sum + rows, 0));
  assert.equal(table.evidence.engines, engines.length);
  assert.equal(table.evidence.not_evaluated_engines ?? 0, engines.length - known.length);
  assert.equal(table.evidence.failing_count, failing.length);
  assert.deepEqual(
    (table.evidence.failing ?? []).map(({ engine }: Evidence) => engine).toSorted(),
    failing.map(({ engine }) => engine),
  );
}

async function assertSpikes(sql: postgres.Sql, golden: Case): Promise<void> {
  for (const [limit, expected] of Object.entries(golden.spikes)) {
    await setRule(sql, "spikes", Number(limit));
    const rows = await found(sql, "spikes", at(golden.until));
    assert.deepEqual(rows.slice(0, -1).map(({ engine }) => engine), Object.keys(expected).toSorted());
    assertTable(rows);
    for (const { engine, value, min, max, status, rows: lookedAt, evidence } of rows.slice(0, -1)) {
      const { rows, enough, sensors } = expected[engine!];
      const count = Object.keys(sensors).length;
      const where = `spikes beyond ${limit} of ${engine}`;
      assert.deepEqual(
        [value, min, max, status, lookedAt],
        [enough ? count : null, null, 0, enough ? count > 0 ? "warning" : "pass" : "not_evaluated", rows],
        where,
      );
      assert.equal(evidence.reason, enough ? undefined : "too few readings", where);
      assert.equal(Date.parse(evidence.window_start), at(golden.until - 24).getTime());
      assert.equal(Date.parse(evidence.window_end), at(golden.until).getTime());
      assert.deepEqual(
        (evidence.sensors ?? []).map(({ column }: Evidence) => column),
        Object.keys(sensors).toSorted(),
        where,
      );
      const of = FLEETS[golden.fleet].find(({ name }) => name === engine)!;
      for (const { column, readings } of evidence.sensors ?? []) {
        assert.deepEqual(
          readings.map((
            { timestamp, cycle, value }: Evidence,
          ) => [Date.parse(timestamp), cycle, Number(value)]),
          sensors[column].map(([hour]) => [
            at(hour).getTime(),
            hour + 1,
            of.values[column][of.hours.indexOf(hour)],
          ]),
          `${where}, ${column}`,
        );
        for (const [i, { deviations }] of readings.entries()) {
          const exact = sensors[column][i][1]; // evidence has one decimal
          assert.ok(
            Math.abs(deviations - exact) <= 0.05 + 1e-9,
            `${where}, ${column}: ${deviations}, ${exact}`,
          );
        }
      }
    }
  }
}

async function assertLevels(sql: postgres.Sql, golden: Case): Promise<void> {
  const all = Object.values(golden.levels).flatMap((sensors) =>
    Object.values(sensors).map(({ errors }) => errors)
  );
  const worst = Math.max(0, ...all);
  // the first lists every sensor that is not exactly where wear puts it; the others are next to the largest statistic there is, on either side
  for (const limit of [1e-6, 6.5, worst * (1 - 1e-9), worst * (1 + 1e-9)]) {
    await setRule(sql, "levels", limit);
    const rows = await found(sql, "levels", at(golden.until));
    assert.deepEqual(rows.slice(0, -1).map(({ engine }) => engine), Object.keys(golden.levels).toSorted());
    assertTable(rows);
    let off = 0;
    for (const { engine, value, min, max, status, rows: lookedAt, evidence } of rows.slice(0, -1)) {
      const sensors = golden.levels[engine!];
      const beyond = Object.keys(sensors).filter((sensor) => sensors[sensor].errors > limit).toSorted();
      const judged = Object.keys(sensors).length;
      const where = `levels beyond ${limit} of ${engine}`;
      off += beyond.length;
      assert.deepEqual([value, min, max, status, lookedAt], [
        judged > 0 ? beyond.length : null,
        null,
        0,
        judged > 0 ? beyond.length > 0 ? "warning" : "pass" : "not_evaluated",
        judged,
      ], where);
      assert.equal(evidence.reason, judged > 0 ? undefined : "too few readings", where);
      assert.deepEqual((evidence.sensors ?? []).map(({ column }: Evidence) => column), beyond, where);
      for (const { column, shift, wear_shift } of evidence.sensors ?? []) {
        assertClose(shift, sensors[column].shift, `${where}, ${column}: shift`);
        assertClose(wear_shift, sensors[column].wear_shift, `${where}, ${column}: wear_shift`);
      }
    }
    if (limit > worst) assert.equal(off, 0);
    else if (limit === worst * (1 - 1e-9)) assert.equal(off, 1);
  }
}

for (const version of [17, 15] as const) {
  Deno.test({
    name:
      `spikes and levels have numpy's numbers, engine by engine and sensor by sensor, on Postgres ${version}`,
    ignore: version === 15 && !hasPostgres15,
    async fn(t) {
      for (const [name, engines] of Object.entries(FLEETS)) {
        await using db: TestDatabase = await testDatabase({ version, connections: 1 });
        const { sql } = db;
        await sql`set jit = off`;
        await store(sql, engines);
        for (const golden of CASES.filter(({ fleet }) => fleet === name)) {
          await t.step(golden.name, async () => {
            await know(sql, golden);
            await assertSpikes(sql, golden);
            await assertLevels(sql, golden);
          });
        }
      }
    },
  });
}

Deno.test("the golden values cover what they are for", () => {
  const of = (name: string) => CASES.find((golden) => golden.name === name)!;
  const now = of("one condition, no baseline, until hour 47");
  const sensors = (golden: Case, engine: string) => Object.keys(golden.spikes["7"][engine].sensors);
  assert.deepEqual(sensors(now, "SPIKE"), ["s2"]);
  assert.deepEqual(sensors(now, "OLD_SPIKE"), []);
  assert.deepEqual(sensors(now, "WINDOW_START"), ["s3"]); // and not s2, an hour before it
  assert.deepEqual([now.spikes["7"].NINETEEN.enough, now.spikes["7"].TWENTY.enough], [false, true]);
  assert.deepEqual(sensors(now, "NULLS"), ["s3"]); // of 19 finite values s2 has too few
  assert.deepEqual(sensors(now, "TWO"), ["s4", "s7"]);
  assert.deepEqual(sensors(of("one condition, no baseline, until hour 44"), "TWO"), ["s7"]);
  assert.deepEqual([now.levels.THIRTY_NINE, Object.keys(now.levels.FORTY).length], [{}, 4]);
  assert.deepEqual(Object.keys(now.levels.GAPS), ["s2", "s4", "s7"]);
  assert.equal("SILENT" in now.spikes["7"], false);
  assert.deepEqual(sensors(of("six conditions, stored baselines, until hour 47"), "UNKNOWN"), ["s2"]);
  assert.ok(of("six conditions, no baseline, until hour 47").levels.SHIFTED.s4.errors > 6.5);
  assert.deepEqual(sensors(of("one engine, no baseline, until hour 47"), "ALONE"), ["s3"]);
});

Deno.test("a reading exactly as far away as the rule allows is no spike, and one beyond it is", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  // the median is 100, and the noise is the baseline's, 1: a distance is a number of deviations
  const calm = Array.from({ length: 36 }, (_, i) => 100 + (i % 3 - 1) / 4);
  const engines = ([["AT", 107], ["BEYOND", 107.5], ["BELOW", 92.5]] as const).map((
    [name, value],
  ): Engine => ({
    name,
    hours: calm.map((_, hour) => hour),
    conditions: calm.map(() => 1),
    values: { s2: calm.with(30, value), s3: calm, s4: calm, s7: calm },
  }));
  await store(sql, engines);
  const baselines = engines.map(({ name }) => ({
    name,
    condition: 1,
    sensor: "s2",
    values: [100],
    mean: 100,
    sd: 1,
  }));
  await know(sql, { baselines, signature: {} } as unknown as Case);
  await setRule(sql, "spikes", 7);
  const rows = await found(sql, "spikes", at(35));
  assert.deepEqual(rows.map(({ engine, value, status }) => [engine, value, status]), [
    ["AT", 0, "pass"],
    ["BELOW", 1, "warning"],
    ["BEYOND", 1, "warning"],
    [null, 1, "warning"],
  ]);
  assert.deepEqual(rows.slice(1, 3).map(({ evidence }) => evidence.sensors[0].readings[0].deviations), [
    -7.5,
    7.5,
  ]);
});

/** Stores readings of an engine, at hours, each with the seconds that it took to arrive. */
async function storeDelayed(
  sql: postgres.Sql,
  name: string,
  settings: { readonly cadence?: string; readonly dataset?: string },
  readings: readonly (readonly [hour: number, seconds: number])[],
): Promise<void> {
  await sql`insert into engines (unit_number, cadence, dataset) values (${name}, ${
    settings.cadence ?? null
  }, ${settings.dataset ?? null})`;
  await sql`
    insert into sensor_data (engine_id, cycle, "timestamp", batch_id, created_at)
    select engines.id, place, ${at(0)} + make_interval(secs => 3600 * hour), gen_random_uuid(),
      ${at(0)} + make_interval(secs => 3600 * hour + delay)
    from engines, unnest(${readings.map(([hour]) => hour)}::float8[], ${
    readings.map(([, seconds]) => seconds)
  }::float8[])
      with ordinality as reading (hour, delay, place)
    where unit_number = ${name}`;
}

const hoursFrom = (first: number, count: number) => Array.from({ length: count }, (_, i) => first + i);

for (const version of [17, 15] as const) {
  Deno.test({
    name: `arrival: what is usual, what is late, and how many, as counted by hand, on Postgres ${version}`,
    ignore: version === 15 && !hasPostgres15,
    async fn() {
      await using db = await testDatabase({ version, connections: 1 });
      const { sql } = db;
      await sql`set jit = off`;
      await sql`select create_sensor_data_partitions(array[${at(-1)}::timestamptz, ${at(48)}])`;
      await sql`update expectations set min = 0.98, severity = 'warning' where kind = 'arrival'`;
      // three quarters of the ten hours are at most a minute late, so that 1.5 minutes and half an hour are allowed
      const delays = [60, 60, 60, 1890, 60, 60, 1891, 60, 60, 60];
      await storeDelayed(sql, "A", { cadence: "1 hour" }, [
        [-1 / 60, 18_000], // before the window
        ...delays.map((delay, hour) => [hour, delay] as const), // the first where the window begins
        [24.01, 18_000], // after as_of
      ]);
      // four hours are too few to say: as the fleet's median, which is a minute
      await storeDelayed(sql, "B", { cadence: "1 hour" }, [[20, 60], [21, 60], [22, 60], [23, 2000]]);
      // a clock that is ahead: nothing less than half a cadence is allowed
      await storeDelayed(
        sql,
        "C",
        { cadence: "2 hours" },
        hoursFrom(10, 8).map((hour) => [hour, -30] as const),
      );
      await storeDelayed(sql, "D", { dataset: "another" }, [[22, 60], [24, 60]]); // the last at as_of

      const rows = await found(sql, "arrival", at(24));
      const numbers = rows.map(({ engine, value, status, rows, evidence }) =>
        [engine, value, status, rows, evidence.late, evidence.expected_within_seconds] as const
      );
      assert.deepEqual(numbers, [
        ["A", 0.9, "warning", 10, 1, 1890],
        ["B", 0.75, "warning", 4, 1, 1890],
        ["C", 1, "pass", 8, 0, 3600],
        ["D", null, "not_evaluated", 2, 0, undefined],
        [null, 20 / 22, "warning", 24, undefined, undefined],
      ]);
      const failing = (engine: number) =>
        (rows[engine].evidence.failing ?? []).map(({ timestamp, cycle, arrived }: Evidence) =>
          [timestamp, cycle, arrived].map((part) =>
            typeof part === "number" ? part : new Date(part).getTime()
          )
        );
      assert.deepEqual(failing(0), [[at(6).getTime(), 8, at(6).getTime() + 1_891_000]]);
      assert.deepEqual(failing(1), [[at(23).getTime(), 4, at(23).getTime() + 2_000_000]]);
      assert.equal(rows[3].evidence.reason, "how often it should send is not known: set engines.cadence");
      assert.deepEqual([rows[0].min, rows[0].max], [0.98, null]);
      assert.deepEqual(rows[4].evidence.failing, [{ engine: "B", value: 0.75 }, { engine: "A", value: 0.9 }]);
      assert.equal(rows[4].evidence.not_evaluated_engines, 1);

      // exactly as many as the rule asks for are enough
      await sql`update expectations set min = 0.9 where kind = 'arrival'`;
      assert.deepEqual((await found(sql, "arrival", at(24))).map(({ status }) => status), [
        "pass",
        "warning",
        "pass",
        "not_evaluated",
        "warning",
      ]);
      // readings of a retired engine have arrived all the same
      await sql`update engines set status = 'retired' where unit_number = 'A'`;
      assert.equal((await found(sql, "arrival", at(24)))[0].value, 0.9);

      // a moment in the past, at which one engine was alone: its seven hours are the fleet's, five hours long at most
      const [alone, table] = await found(sql, "arrival", at(5));
      assert.deepEqual(
        [alone.engine, alone.value, alone.rows, alone.evidence.expected_within_seconds, table.value],
        ["A", 1, 7, 1.5 * 18_000 + 1800, 1],
      );
    },
  });

  Deno.test({
    name: `copies: their share of what came, as counted by hand, on Postgres ${version}`,
    ignore: version === 15 && !hasPostgres15,
    async fn() {
      await using db = await testDatabase({ version, connections: 1 });
      const { sql } = db;
      await sql`set jit = off`;
      await sql`select create_sensor_data_partitions(array[${at(-1)}::timestamptz, ${at(48)}])`;
      await sql`update expectations set max = 0.5, severity = 'warning' where kind = 'copies'`;
      for (const [name, count] of [["A", 6], ["B", 0], ["C", 2], ["D", 5], ["E", 0], ["F", 0]] as const) {
        await storeDelayed(sql, name, {}, hoursFrom(1, count).map((hour) => [hour, 0] as const));
      }
      const batch = async (hour: number, copies: Record<string, number> | null) => {
        const total = Object.values(copies ?? {}).reduce((sum, count) => sum + count, 0);
        await sql`
          insert into batches (id, source, received_at, received, accepted, duplicates, rejected, duplicates_by_engine)
          select gen_random_uuid(), 'ingest', ${
          at(hour)
        }, ${total}::integer, 0, ${total}::integer, 0, jsonb_object_agg(engines.id, copied.value)
          from jsonb_each(${JSON.stringify(copies ?? {})}::text::jsonb) as copied
          join engines on unit_number = copied.key`;
      };
      await batch(-0.001, { A: 100, F: 1 }); // before the window
      await batch(0, { A: 2 }); // where it begins
      await batch(24, { A: 1, B: 3 }); // at as_of
      await batch(24.001, { A: 100, F: 1 });
      await batch(5, null);
      await batch(6, { C: 2 });
      for (const hour of hoursFrom(0, 21)) await batch(hour + 0.5, { E: 1 });

      const rows = await found(sql, "copies", at(24));
      assert.deepEqual(
        rows.map((
          { engine, value, status, rows, evidence },
        ) => [engine, value, status, rows, evidence.copies]),
        [
          ["A", 3 / 9, "pass", 9, 3],
          ["B", 1, "warning", 3, 3],
          ["C", 0.5, "pass", 4, 2], // exactly the half that is allowed
          ["D", 0, "pass", 5, 0],
          ["E", 1, "warning", 21, 21],
          [null, 29 / 42, "warning", 42, undefined],
        ],
      );
      assert.deepEqual([rows[0].min, rows[0].max], [null, 0.5]);
      const batches = (row: number) =>
        rows[row].evidence.batches?.map(({ arrived, copies }: Evidence) => [Date.parse(arrived), copies]);
      assert.deepEqual(batches(0), [[at(0).getTime(), 2], [at(24).getTime(), 1]]);
      assert.deepEqual(batches(4), hoursFrom(0, 20).map((hour) => [at(hour + 0.5).getTime(), 1]));
      assert.equal(batches(3), undefined);
      assert.deepEqual(rows[5].evidence.failing, [{ engine: "B", value: 1 }, { engine: "E", value: 1 }]);

      const [then] = await found(sql, "copies", at(3)); // in the past: three of six readings, two of three copies
      assert.deepEqual([then.engine, then.value, then.rows, then.evidence.copies], [
        "A",
        102 / 105,
        105,
        102,
      ]);
    },
  });
}

Deno.test("without a reading the four say that there was nothing to look at, and where switched off nothing", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  await sql`insert into engines (unit_number, status) values ('SILENT', 'active'), ('RETIRED', 'retired')`;
  for (const check of ["spikes", "levels", "arrival", "copies"]) {
    const rows = await found(sql, check, at(0));
    assert.deepEqual(rows.map(({ engine, value, status, rows }) => [engine, value, status, rows]), [
      [null, null, "not_evaluated", 0],
    ]);
    assert.equal(rows[0].evidence.reason, "there was nothing to look at");
    await sql`update expectations set active = false where kind = ${check}`;
    assert.deepEqual([...await found(sql, check, at(0))], []);
  }
});
