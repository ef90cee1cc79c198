/** What the checks mean: moments, rollups, cadences, conditions, rules, settings, and what happens when one breaks. */

import assert from "node:assert/strict";
import postgres from "postgres";
import { storeBatch } from "../../shared/intake.ts";
import type { Reading } from "../../shared/reading.ts";
import { hasPostgres15, type TestDatabase, testDatabase } from "../support/database.ts";
import { Random } from "../../shared/random.ts";
import { candidates } from "../support/readings.ts";
import { NOISE, simulatedFleet, storeAsOf } from "../support/simulated_fleet.ts";

const HOUR = 3_600_000;
const START = Date.UTC(2024, 2, 21);
const at = (hours: number) => new Date(START + hours * HOUR);

/** A few healthy engines, stored; not rolled up. */
async function fleet(
  hours: number,
  options: { readonly engines?: number; readonly jitter?: number; readonly version?: 15 | 17 } = {},
): Promise<TestDatabase> {
  const { engines = 3, jitter, version } = options;
  const db = await testDatabase({ version });
  await db.sql`update rollup_horizon set kept_from = '2024-01-01'`;
  await storeAsOf(db.sql, simulatedFleet({ engines, hours, startMs: START, seed: 4, jitter }), at(0));
  await db.sql`update engines set created_at = ${at(0)}`;
  return db;
}

interface Verdict {
  readonly metric: string;
  readonly subject: string;
  readonly status: string;
  readonly value: number | null;
  // deno-lint-ignore no-explicit-any
  readonly evidence: any;
}

/** What a run has found, about the table and about engines. */
async function run(sql: postgres.Sql, asOf: Date, window = "24 hours"): Promise<Verdict[]> {
  await sql`select from run_checks(${window}::interval, ${asOf})`;
  return await sql<Verdict[]>`
    select metric_name as metric, coalesce(unit_number, column_name, 'sensor_data') as subject, metrics.status,
      metric_value as value, evidence
    from data_quality_metrics as metrics
    join check_runs on check_runs.id = run_id and as_of = ${asOf}
    left join engines on engines.id = metrics.engine_id
    order by 1, 2`;
}
const find = (verdicts: readonly Verdict[], metric: string, subject = "sensor_data") =>
  verdicts.find((verdict) => verdict.metric === metric && verdict.subject === subject);
const failing = (verdicts: readonly Verdict[]) =>
  verdicts.filter(({ status }) => status === "fail" || status === "warning")
    .map(({ metric, subject }) => `${metric} ${subject}`);
const engine = (sql: postgres.Sql, unit: string) => sql`(select id from engines where unit_number = ${unit})`;

Deno.test("a moment has the same verdicts whether it is judged then or later, and sees no later reading", async () => {
  const all = simulatedFleet({ engines: 3, hours: 260, startMs: START, seed: 4 });
  const moment = at(230.5);
  await using then = await fleet(0);
  await using later = await fleet(0);
  await storeAsOf(then.sql, all.filter(({ timestamp }) => Date.parse(timestamp) <= moment.getTime()), at(0));
  // what comes later is bad, and is stored first
  const bad = all.filter(({ timestamp }) => Date.parse(timestamp) > moment.getTime())
    .map((reading) => ({ ...reading, s4: 9999, cycle: reading.cycle + 50 }));
  await storeAsOf(later.sql, bad, at(0));
  await storeAsOf(later.sql, all.filter(({ timestamp }) => Date.parse(timestamp) <= moment.getTime()), at(0));
  for (const { sql } of [then, later]) await sql`update engines set created_at = ${at(0)}`;
  await run(later.sql, at(260));
  assert.ok(failing(await run(later.sql, at(260))).some((verdict) => verdict.startsWith("range")), "control");
  const judgedThen = await run(then.sql, moment);
  assert.deepEqual(failing(judgedThen), []);
  assert.deepEqual(await run(later.sql, moment), judgedThen);
});

/** All rollups of a window, as text, engines by name. */
async function rollups(sql: postgres.Sql, from: Date, to: Date, how: "as the checks do" | "from readings") {
  const rows = how === "as the checks do"
    ? await sql`
      select engines.unit_number, hourly.* from hourly_readings(${from}, ${to}) as hourly
      join engines on engines.id = engine_id order by hour, unit_number`
    : await sql`
      select engines.unit_number, hourly.*
      from measure_hours(
        array(select id from engines order by id),
        array(select tstzrange(${from}, ${to}::timestamptz + interval '1 microsecond') from engines order by id)
      ) as hourly
      join engines on engines.id = engine_id order by hour, unit_number`;
  return JSON.stringify(rows);
}

Deno.test("rollups say what the readings say, whatever was written, changed, deleted or edited since", async () => {
  await using db = await fleet(100);
  const { sql } = db;
  await sql`select roll_up_readings()`;
  const random = new Random(11);
  const spare = simulatedFleet({ engines: 4, hours: 100, startMs: START + 0.4 * HOUR, seed: 9 });
  const somewhere = () => at(Math.floor(random.uniform() * 100));
  const writes: Record<string, () => Promise<unknown>> = {
    "late readings": () =>
      storeBatch(
        sql,
        { source: "ingest", reference: null },
        candidates(Array.from({ length: 5 }, () => random.pick(spare))),
      ),
    "an update": () =>
      sql`update sensor_data set s4 = 9000, altitude = null where "timestamp" >= ${somewhere()} and cycle % 7 = 0`,
    "a move to another time": () =>
      sql`update sensor_data set "timestamp" = "timestamp" + interval '3 hours' where cycle = ${
        1 + Math.floor(random.uniform() * 90)
      }`,
    "a deletion": () => {
      const from = somewhere();
      return sql`delete from sensor_data where "timestamp" >= ${from} and "timestamp" < ${new Date(
        from.getTime() + 2 * HOUR,
      )}`;
    },
    "a rule": () => sql`update expectations set max = max - 0.5 where kind = 'range' and column_name = 's2'`,
    "a rule switched off": () =>
      sql`update expectations set active = not active where kind = 'range' and column_name = 's4' and condition = 1`,
    "an operating condition": () =>
      sql`update operating_conditions set altitude_max = altitude_max + 0.1 where condition = 1`,
    "a dataset": () =>
      sql`update engines set dataset = ${random.pick(["FD001", "FD003", null])} where unit_number = 'SIM_01'`,
    "a rollup": () => sql`select roll_up_readings()`,
  };
  const kinds = Object.keys(writes);
  for (let i = 0; i < 45; i++) {
    const kind = i < kinds.length ? kinds[i] : random.pick(kinds);
    await writes[kind]();
    const from = somewhere();
    const to = new Date(from.getTime() + (1 + random.uniform() * 40) * HOUR);
    const expected = await rollups(sql, from, to, "from readings");
    assert.equal(await rollups(sql, from, to, "as the checks do"), expected, `after ${kind}, step ${i}`);
  }
  await sql`select roll_up_readings()`;
  assert.equal(
    await rollups(sql, at(0), at(100), "as the checks do"),
    await rollups(sql, at(0), at(100), "from readings"),
  );
  const [{ stored }] = await sql`select count(*)::integer as stored from reading_rollups`;
  assert.ok(stored > 200, "rollups must be stored for this to say anything");

  await sql`truncate sensor_data`;
  assert.equal(await rollups(sql, at(0), at(100), "as the checks do"), "[]");
});

Deno.test("what another session has not committed yet is not lost to the rollups", async () => {
  await using db = await fleet(30);
  const { sql } = db;
  await sql`select roll_up_readings()`;
  const writer = await sql.reserve();
  await writer`begin`;
  await writer`
    update sensor_data set s4 = 9999 where engine_id = ${engine(sql, "SIM_02")} and cycle = 20`;
  await sql`select roll_up_readings()`;
  assert.deepEqual(failing(await run(sql, at(30))).filter((verdict) => verdict.startsWith("range")), []);
  await writer`commit`;
  writer.release();
  const [{ pending }] = await sql`select count(*)::integer as pending from sensor_data_changes`;
  assert.ok(pending > 0);
  const verdicts = await run(sql, at(30.1));
  assert.deepEqual(failing(verdicts).filter((verdict) => verdict.startsWith("range")), [
    "range SIM_02",
    "range s4",
  ]);
  const [{ left }] = await sql`select count(*)::integer as left from sensor_data_changes`;
  assert.equal(left, 0);
});

Deno.test("runs hour by hour find what a run from scratch finds", async () => {
  const all = simulatedFleet({ engines: 3, hours: 220, startMs: START, seed: 4 })
    .filter(({ cycle, engine_id }) => engine_id !== "SIM_03" || cycle < 200 || cycle > 203);
  await using db = await fleet(0);
  const { sql } = db;
  for (let hour = 0; hour < 220; hour += 20) {
    const piece = all.filter(({ cycle }) => cycle > hour && cycle <= hour + 20);
    await storeAsOf(sql, piece, at(0));
    if (hour === 0) await sql`update engines set created_at = ${at(0)}`;
    await sql`select from run_checks('24 hours', ${at(hour + 20)})`;
  }
  const incremental = await run(sql, at(220));
  assert.ok(failing(incremental).includes("completeness SIM_03"));
  await sql`delete from reading_rollups`;
  await sql`delete from engine_baselines`;
  await sql`delete from sensor_drift`;
  await sql`delete from data_quality_metrics`;
  await sql`insert into sensor_data_changes (hours) values ('{(,)}')`;
  assert.deepEqual(await run(sql, at(220)), incremental);
});

Deno.test("completeness: configured cadence before learned before the fleet's; retired engines are not expected", async () => {
  await using db = await fleet(60);
  const { sql } = db;
  await sql`insert into engines (unit_number, created_at) values ('NEVER', ${at(0)})`;
  const first = await run(sql, at(60));
  const source = (verdicts: readonly Verdict[], unit: string) => {
    const { cadence_source, cadence_seconds } = find(verdicts, "completeness", unit)!.evidence;
    return [cadence_source, Math.round(cadence_seconds / 60)];
  };
  assert.deepEqual(source(first, "SIM_01"), ["learned", 60]);
  assert.deepEqual(source(first, "NEVER"), ["fleet", 60]);
  await sql`update engines set cadence = '30 minutes' where unit_number = 'SIM_01'`;
  await sql`update engines set status = 'retired' where unit_number = 'NEVER'`;
  const second = await run(sql, at(60.01));
  assert.deepEqual(source(second, "SIM_01"), ["configured", 30]);
  assert.deepEqual(failing(second).filter((verdict) => verdict.startsWith("completeness")), [
    "completeness SIM_01",
    "completeness sensor_data",
  ]);
  assert.equal(find(second, "completeness", "NEVER"), undefined);
  assert.ok(Math.abs(find(second, "completeness", "SIM_01")!.value! - 0.5) < 0.03);
});

Deno.test("missed readings are counted from the window on, by whole cadences, however many they are", async () => {
  await using db = await testDatabase();
  const missed = async (previous: string, next: string, cadence: string | null, from = "2024-01-01Z") =>
    (await db.sql`
      select missed_readings(${previous}::timestamptz, ${next}::timestamptz, ${cadence}::interval, ${from}::timestamptz)
        as readings`)[0].readings;
  assert.equal(await missed("2024-01-01 00:00Z", "2024-01-01 05:00Z", "1 hour"), 4);
  assert.equal(await missed("2024-01-01 00:00Z", "2024-01-01 05:00Z", "1 hour", "2024-01-01 02:00Z"), 3);
  assert.equal(await missed("2024-01-01 00:00Z", "2024-01-01 01:29Z", "1 hour"), 0);
  assert.equal(await missed("2024-01-01 00:00Z", "2024-01-01 01:31Z", "1 hour"), 1);
  assert.equal(await missed("2024-01-01 00:00Z", "2025-01-01 00:00Z", "10 milliseconds"), 2 ** 31 - 1);
  assert.equal(await missed("2024-01-01 00:00Z", "2024-01-01 05:00Z", null), null);
});

Deno.test("steps that are up to 40 % too long or too short are not incompleteness; a lost reading is", async () => {
  await using db = await fleet(200, { jitter: 0.2 });
  const { sql } = db;
  const verdicts = await run(sql, at(200));
  const [{ longest, shortest }] = await sql`
    select max(step) as longest, min(step) as shortest from (
      select extract(epoch from "timestamp" - lag("timestamp") over (partition by engine_id order by "timestamp"))::float8
        / 3600 as step from sensor_data) as steps`;
  assert.ok(longest > 1.3 && shortest < 0.7, "jitter");
  assert.deepEqual(failing(verdicts), []);
  await sql`delete from sensor_data where engine_id = ${engine(sql, "SIM_02")} and cycle = 190`;
  const lost = await run(sql, at(200.01));
  assert.deepEqual(
    find(lost, "completeness", "SIM_02")!.evidence.gaps.map(({ missed }: { missed: number }) => missed),
    [
      1,
    ],
  );
});

/** Readings of engines that fly six conditions, with noise of a thousandth. */
function sixConditions(hours: number, conditionOf: (hour: number, engine: number) => number): Reading[] {
  const random = new Random(21);
  const settings = [[0, 0, 100], [10, 0.25, 100], [20, 0.7, 100], [25, 0.62, 60], [35, 0.84, 100], [
    42,
    0.84,
    100,
  ]];
  const sensors = Object.keys(NOISE).slice(3);
  return Array.from({ length: hours * 12 }, (_, i) => {
    const [hour, engine] = [Math.floor(i / 12), i % 12];
    const condition = conditionOf(hour, engine);
    const [altitude, mach_number, tra] = settings[condition];
    return {
      engine_id: `SIX_${engine + 1}`,
      cycle: hour + 1,
      timestamp: new Date(START + hour * HOUR).toISOString(),
      altitude,
      mach_number,
      tra,
      ...Object.fromEntries(sensors.map((sensor, place) => [
        sensor,
        Math.round(1e4 * (500 + 40 * condition * (place + 1) + random.normal() + (engine % 3) * 0.2)) / 1e4,
      ])),
    } as Reading;
  });
}

/** Verdicts on one engine's sensors after 200 hours. */
async function driftOf(sql: postgres.Sql, unit: string): Promise<Record<string, string>> {
  await sql`select roll_up_readings()`;
  const rows = await sql<{ column_name: string; verdict: string }[]>`
    select column_name, verdict from measure_drift(array[${engine(sql, unit)}], ${at(200)})`;
  return Object.fromEntries(rows.map(({ column_name, verdict }) => [column_name, verdict]));
}

Deno.test("values are compared within their operating condition: another mix is no drift, a shift in all is", async () => {
  // the recent half flies mostly the first three conditions
  const mix = (hour: number, engine: number) =>
    hour < 100 ? (hour + engine) % 6 : hour % 10 < 9 ? (hour + engine) % 3 : 3 + hour % 3;
  await using db = await fleet(0);
  const { sql } = db;
  await storeAsOf(sql, sixConditions(200, mix), at(0));
  assert.deepEqual([...new Set(Object.values(await driftOf(sql, "SIX_1")))], ["stable"]);
  await sql`update sensor_data set s3 = s3 + 1.5 where cycle > 100 and engine_id = ${engine(sql, "SIX_1")}`;
  const shifted = await driftOf(sql, "SIX_1");
  assert.deepEqual(Object.keys(shifted).filter((sensor) => shifted[sensor] !== "stable"), ["s3"]);
  assert.equal(shifted.s3, "drift");
});

Deno.test("a sensor without a value in one of the conditions is compared in the units of the others", async () => {
  await using db = await fleet(200, { engines: 12 });
  const { sql } = db;
  // one reading of the baseline in no known condition, without s2
  await sql`update sensor_data set altitude = 15, s2 = null where cycle = 50`;
  assert.deepEqual([...new Set(Object.values(await driftOf(sql, "SIM_01")))], ["stable"]);
});

Deno.test("with fewer than fifty readings on a side there is no verdict, and the baseline is never part of the window", async () => {
  await using db = await fleet(200);
  const { sql } = db;
  await sql`select roll_up_readings()`;
  const sides = async (hours: number) =>
    (await sql`
      select distinct verdict, baseline_readings, window_readings, window_start > last_timestamp as apart
      from measure_drift(array[${engine(sql, "SIM_01")}], ${at(hours)}) as drift
      join engine_baselines using (engine_id)`).map((row) => Object.values(row));
  assert.deepEqual(await sides(100), [["insufficient_data", 100, 0, null]]);
  assert.deepEqual(await sides(149), [["insufficient_data", 100, 49, true]]);
  assert.deepEqual(await sides(150), [["stable", 100, 50, true]]);
  assert.deepEqual(await sides(200), [["stable", 100, 100, true]]);
});

Deno.test("each setting of the statistics changes the result", async (t) => {
  await using db = await fleet(260);
  const { sql } = db;
  await sql`
    update sensor_data set s3 = s3 + ${0.8 * NOISE.s3} where engine_id = ${
    engine(sql, "SIM_01")
  } and cycle > 130`;
  const measured = async (hours = 260) => {
    await sql`select roll_up_readings()`;
    const [row] = await sql`
      select verdict, baseline_readings, window_readings
      from measure_drift(array[${engine(sql, "SIM_01")}], ${at(hours)}) where column_name = 's3'`;
    return Object.values(row);
  };
  const before = await measured();
  assert.deepEqual(before.slice(1), [100, 100]);
  const settings: Record<string, [number, (found: unknown[]) => boolean]> = {
    baseline_readings: [60, (found) => found[1] === 60],
    drift_readings: [130, (found) => found[2] === 130],
    drift_alpha: [1e-12, (found) => found[0] === "stable" && before[0] === "drift"],
  };
  for (const [name, [value, isChanged]] of Object.entries(settings)) {
    await t.step(name, async () => {
      const [{ usual }] = await sql`select ${sql(name)} as usual from quality_settings`;
      await sql`update quality_settings set ${sql(name)} = ${value}`;
      const found = await measured();
      assert.ok(isChanged(found), JSON.stringify({ before, found }));
      await sql`update quality_settings set ${sql(name)} = ${usual}`;
      assert.deepEqual(await measured(), before);
    });
  }
  await t.step("least_readings", async () => {
    const [verdict, , readings] = await measured(180);
    assert.ok(verdict !== "insufficient_data" && Number(readings) === 80);
    await sql`update quality_settings set least_readings = 81`;
    assert.equal((await measured(180))[0], "insufficient_data");
    await assert.rejects(sql`update quality_settings set least_readings = 101`.execute(), { code: "23514" });
  });
});

Deno.test("a check that breaks is not evaluated, says why, and the others go on", async (t) => {
  for (const broken of ["check_range", "measure_drift", "fleet_drift"]) {
    await t.step(broken, async () => {
      await using db = await fleet(160);
      const { sql } = db;
      await sql`update engines set cohort = case unit_number when 'SIM_01' then 'a' else 'b' end`;
      const [{ head }] = await sql`
        select format(
          'create or replace function %s returns %s language plpgsql as $body$ begin perform 1 / 0; end $body$',
          'public.' || proname || '(' || pg_get_function_arguments(oid) || ')', pg_get_function_result(oid)
        ) as head from pg_proc where proname = ${broken}`;
      await sql.unsafe(head);
      const verdicts = await run(sql, at(160));
      const metric = { check_range: "range", measure_drift: "drift", fleet_drift: "fleet_drift" }[broken]!;
      const verdict = find(verdicts, metric)!;
      assert.equal(verdict.status, "not_evaluated");
      assert.equal(verdict.evidence.sqlstate, "22012");
      assert.match(verdict.evidence.reason, /division by zero/);
      assert.equal(find(verdicts, "completeness")!.status, "pass");
      assert.equal(find(verdicts, "stuck")!.status, "pass");
    });
  }
});

Deno.test("where the window cannot be measured the checks that need it say so, and the others go on", async () => {
  await using db = await fleet(160);
  const { sql } = db;
  await sql`
    create or replace function engine_windows(window_start timestamptz, as_of timestamptz) returns setof engine_window
    language plpgsql as $$ begin perform 1 / 0; end $$`;
  const verdicts = await run(sql, at(160));
  const broken = verdicts.filter(({ evidence }) => evidence.sqlstate === "22012").map(({ metric }) => metric);
  assert.deepEqual(broken, [
    "arrival",
    "clock",
    "completeness",
    "conditions",
    "copies",
    "cycles",
    "duplicates",
    "levels",
    "nulls",
    "range",
    "spikes",
    "stuck",
    "types",
  ]);
  assert.equal(find(verdicts, "volume")!.status, "pass");
  assert.notEqual(find(verdicts, "drift")!.status, "not_evaluated");
});

Deno.test("a check by itself finds what it finds in a run", async () => {
  await using db = await fleet(160);
  const { sql } = db;
  await sql`update sensor_data set s4 = 9999, s7 = null, tra = 7 where cycle = 150`;
  await sql`update sensor_data set cycle = cycle - 2 where cycle > 155`;
  await sql`delete from sensor_data where cycle between 140 and 143`;
  const found = (verdicts: readonly { metric_name: string }[]) =>
    verdicts.map((row) => JSON.stringify(row)).toSorted();
  const columns = sql`metric_name, column_name, engine_id, metric_value, status, rows_checked, evidence`;
  await sql`select from run_checks('24 hours', ${at(160)})`;
  for (
    const check of [
      "clock",
      "completeness",
      "conditions",
      "cycles",
      "duplicates",
      "nulls",
      "range",
      "stuck",
      "types",
    ]
  ) {
    const alone = await sql<{ metric_name: string }[]>`
      select ${columns} from ${sql(`check_${check}`)}('24 hours', ${at(160)})
      where engine_id is null or status in ('warning', 'fail') or metric_name = 'completeness'`;
    const inRun = await sql<{ metric_name: string }[]>`
      select ${columns} from data_quality_metrics where metric_name = ${check}`;
    assert.ok(inRun.length > 0);
    assert.deepEqual(found(alone), found(inRun), check);
  }
});

for (const version of [17, 15] as const) {
  Deno.test({
    name:
      `drift and the checks of the window take two sessions, and find the same where none is free, on Postgres ${version}`,
    ignore: version === 15 && !hasPostgres15,
    async fn() {
      await using db = await fleet(160, { version });
      const plans: string[] = [];
      await using sessions = {
        sql: postgres(db.url, { max: 1, onnotice: ({ message }) => plans.push(message ?? "") }),
        async [Symbol.asyncDispose]() {
          await this.sql.end({ timeout: 1 });
        },
      };
      const { sql } = sessions;
      await sql`select roll_up_readings()`;
      await sql`update sensor_data set s4 = 9999, s7 = null, created_at = created_at + '1 day' where cycle = 150`;
      await sql`load 'auto_explain'`;
      for (
        const setting of [
          "auto_explain.log_min_duration = 0",
          "auto_explain.log_nested_statements = on",
          "auto_explain.log_analyze = on",
          "auto_explain.log_timing = off",
          "client_min_messages = log",
          "jit = off",
        ]
      ) await sql.unsafe(`set ${setting}`);
      const measured = async (workers: number, statement: postgres.PendingQuery<postgres.Row[]>) => {
        await sql`select set_config('max_parallel_workers_per_gather', ${String(workers)}, false)`;
        plans.length = 0;
        const rows = await sql`${statement}`;
        return { rows: [...rows], parallel: plans.some((plan) => /Parallel Append/.test(plan)) };
      };
      const drift = () =>
        sql`select * from measure_window_drift(${at(100)}, ${at(160)}) order by engine_id, column_name`;
      const checks = () =>
        sql`
          select check_name, found.* from time_window_checks('24 hours', ${at(160)},
            array(select measured from engine_windows(${at(136)}, ${at(160)}) as measured))
          cross join unnest(results) as found
          order by check_name, column_name nulls first, engine_id nulls first`;
      for (const statement of [drift, checks]) {
        const alone = await measured(0, statement());
        const together = await measured(2, statement());
        assert.ok(alone.rows.length >= 3 * 14);
        assert.ok(alone.rows.some(({ ks_statistic, status }) => ks_statistic > 0 || status === "fail"));
        assert.deepEqual([alone.parallel, together.parallel], [false, true]);
        assert.deepEqual(together.rows, alone.rows);
      }
      // every check that shares the measurement is there, once
      const sharing = await sql`
        select substr(proname, 7) as check_name from pg_proc
        where pronamespace = 'public'::regnamespace and proname like 'check\\_%' and pronargs = 3 order by 1`;
      const named = await sql`
        select check_name from time_window_checks('24 hours', ${at(160)}, null) order by 1`;
      assert.deepEqual([...named], [...sharing]);
    },
  });
}

Deno.test("the same moment again replaces its results", async () => {
  await using db = await fleet(60);
  const { sql } = db;
  await sql`delete from sensor_data where cycle = 50`;
  const first = await run(sql, at(60));
  assert.ok(failing(first).length > 0);
  await storeAsOf(sql, simulatedFleet({ engines: 3, hours: 60, startMs: START, seed: 4 }), at(0));
  const again = await run(sql, at(60));
  assert.equal(
    again.filter(({ metric, subject }) => metric === "completeness" && subject === "SIM_01").length,
    1,
  );
  assert.deepEqual(failing(again), []);
  const [{ runs }] = await sql`select count(*)::integer as runs from check_runs`;
  assert.equal(runs, 1);
});

Deno.test("volume counts the windows before also where they are not rolled up", async () => {
  await using db = await fleet(200);
  const value = async () =>
    (await db.sql`select metric_value, status from check_volume('24 hours', ${at(200.25)})`)[0];
  const pending = await value();
  await db.sql`select roll_up_readings()`;
  assert.deepEqual(await value(), pending);
  assert.equal(pending.status, "pass");
  assert.ok(Math.abs(pending.metric_value - 1) < 0.03, String(pending.metric_value));
});

Deno.test("an empty database has no verdict on readings, and no alert", async () => {
  await using db = await testDatabase();
  const verdicts = await run(db.sql, at(0));
  const evaluated = verdicts.filter(({ status }) => status !== "not_evaluated");
  assert.deepEqual(evaluated.map(({ metric, status }) => `${metric} ${status}`), ["schema pass"]);
  for (const { metric, status, evidence } of verdicts) {
    if (status === "not_evaluated") assert.ok(evidence.reason, metric);
  }
  assert.equal((await db.sql`select from alerts`).length, 0);
});

Deno.test("windows and moments that are none are refused in words, and nothing is written", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  const refused = async (window: string | null, asOf: string | null, message: string) => {
    await assert.rejects(
      async () => await sql`select from run_checks(${window}::text::interval, ${asOf}::text::timestamptz)`,
      { code: "22023", message },
    );
  };
  const range =
    "Cannot run the checks as check_window must be between 1 hour and 366 days: current value is ";
  await refused("59 minutes", "2024-01-01Z", `${range}00:59:00`);
  await refused("367 days", "2024-01-01Z", `${range}367 days`);
  await refused(null, "2024-01-01Z", `${range}null`);
  const moment = "Cannot run the checks as as_of must be a moment up to now: current value is ";
  await refused("1 day", null, `${moment}null`);
  await refused("1 day", "infinity", `${moment}infinity`);
  assert.equal((await sql`select from check_runs`).length, 0);
});

Deno.test("rules: a share, a severity, and being switched off are kept", async () => {
  await using db = await fleet(60);
  const { sql } = db;
  await sql`update sensor_data set s4 = 9999 where cycle = 50 and engine_id = ${engine(sql, "SIM_01")}`;
  let moment = 60;
  const verdict = async (metric: string, subject: string) =>
    find(await run(sql, at(moment += 0.001)), metric, subject);
  assert.equal((await verdict("range", "s4"))?.status, "fail");
  await sql`update expectations set mostly = 0.9 where kind = 'range' and column_name = 's4'`;
  assert.equal((await verdict("range", "s4"))?.status, "pass");
  await sql`update expectations set mostly = 1, severity = 'warning' where kind = 'range' and column_name = 's4'`;
  assert.equal((await verdict("range", "s4"))?.status, "warning");
  assert.equal((await verdict("range", "SIM_01"))?.status, "warning");
  await sql`update expectations set active = false where kind = 'range' and column_name = 's4'`;
  assert.equal(await verdict("range", "s4"), undefined);
  assert.equal(await verdict("range", "SIM_01"), undefined);
  await sql`update expectations set active = false where kind = 'stuck'`;
  assert.equal(await verdict("stuck", "sensor_data"), undefined);
});

Deno.test("an engine that falls silent does not resolve the alert of its sensor", async () => {
  await using db = await fleet(60);
  const { sql } = db;
  await sql`update sensor_data set s4 = 9999 where cycle = 55 and engine_id = ${engine(sql, "SIM_01")}`;
  const open = async (hours: number) => {
    await run(sql, at(hours));
    return (await sql`select kind || ' ' || subject as alert from alerts where resolved_at is null order by 1`)
      .map(({ alert }) => alert);
  };
  assert.deepEqual(await open(60), ["levels SIM_01", "range SIM_01", "spikes SIM_01"]);
  const others = simulatedFleet({ engines: 3, hours: 130, startMs: START, seed: 4 })
    .filter(({ engine_id, cycle }) => engine_id !== "SIM_01" && cycle > 60);
  await storeAsOf(sql, others, at(0));
  for (const hours of [100, 101, 102]) {
    assert.deepEqual(
      await open(hours),
      ["completeness SIM_01", "levels SIM_01", "range SIM_01", "spikes SIM_01"],
    );
  }
  await sql`update engines set status = 'retired' where unit_number = 'SIM_01'`;
  await open(103);
  assert.deepEqual(await open(104), []);
});

Deno.test({
  name: "the checks run on Postgres 15",
  ignore: !hasPostgres15,
  async fn() {
    await using db = await fleet(200, { version: 15 });
    await using reference = await fleet(200);
    const verdicts = await run(db.sql, at(200));
    assert.ok(verdicts.every(({ evidence }) => evidence.error === undefined));
    const summary = (found: readonly Verdict[]) =>
      found.map(({ metric, subject, status }) => `${metric} ${subject} ${status}`);
    assert.deepEqual(summary(verdicts), summary(await run(reference.sql, at(200))));
  },
});

Deno.test("an engine with a cadence longer than the window is found silent, and stays so", async () => {
  await using db = await fleet(30);
  const { sql } = db;
  await sql`update engines set cadence = '7 days' where unit_number = 'SIM_02'`;
  const completeness = async (hours: number) =>
    find(await run(sql, at(hours)), "completeness", "SIM_02")?.status;
  assert.equal(await completeness(30 + 7 * 24), "not_evaluated"); // it is due now
  for (const days of [11, 12, 14, 17, 20]) {
    assert.equal(await completeness(30 + days * 24), "fail", `${days} days`);
  }
});

Deno.test("the future is not judged", async () => {
  await using db = await testDatabase();
  await assert.rejects(db.sql`select from run_checks('24 hours', now() + interval '1 hour')`.execute(), {
    code: "22023",
  });
});

Deno.test("a column is judged by each dataset's own rule, and one failing engine is no pass", async () => {
  await using db = await fleet(60);
  const { sql } = db;
  const one = engine(sql, "SIM_01");
  await sql`update engines set dataset = 'FD001' where unit_number <> 'SIM_01'`;
  await sql`update expectations set mostly = 0.5 where kind = 'nulls' and dataset is null`;
  await sql`update sensor_data set s4 = null where engine_id = ${one} and cycle in (50, 51)`;
  const found = async (hours: number) => {
    const verdicts = await run(sql, at(hours));
    return [find(verdicts, "nulls", "s4")!, find(verdicts, "nulls", "SIM_01")?.status] as const;
  };
  assert.equal((await found(60))[0].status, "pass"); // FD001 allows none, and has none
  await sql`update expectations set active = false where kind = 'nulls' and dataset = 'FD001'`;
  await sql`update expectations set mostly = 0.95 where kind = 'nulls' and dataset is null`;
  await sql`update engines set dataset = null`;
  const [column, itself] = await found(60.001);
  assert.deepEqual([column.status, itself], ["warning", "fail"]); // 70 of 72 are there
  assert.equal(column.evidence.failing_count, 1);
});

Deno.test("a daily fleet has its usual volume at any minute", async () => {
  await using db = await fleet(240, { engines: 2 });
  const { sql } = db;
  await sql`delete from sensor_data where cycle % 24 <> 1`;
  for (const hours of [216.2, 216.5, 217, 230.9, 239.99]) {
    assert.equal(find(await run(sql, at(hours)), "volume", "sensor_data")?.value, 1, String(hours));
  }
});

Deno.test("what is written to a partition itself is seen", async () => {
  await using db = await fleet(60);
  const { sql } = db;
  assert.equal(find(await run(sql, at(60)), "range", "SIM_01"), undefined);
  await sql`update partitions.sensor_data_2024_03 set s4 = 9999 where cycle = 50 and engine_id = ${
    engine(sql, "SIM_01")
  }`;
  assert.equal(find(await run(sql, at(60)), "range", "SIM_01")?.status, "fail");
  await sql`truncate partitions.sensor_data_2024_03`;
  assert.equal(find(await run(sql, at(60)), "range", "sensor_data")?.status, "not_evaluated");
});

Deno.test("operating conditions that overlap are refused", async () => {
  await using db = await testDatabase();
  await assert.rejects(
    db.sql`insert into operating_conditions values (7, 'another', 1, 3, 0, 0.1, 99, 101)`.execute(),
    { code: "23P01" },
  );
});

Deno.test("a stuck sensor is stuck also where it misses a value now and then", async () => {
  await using db = await fleet(60);
  const { sql } = db;
  const one = engine(sql, "SIM_01");
  await sql`update sensor_data set s9 = case when cycle % 9 <> 0 then 9056 end where engine_id = ${one} and cycle > 30`;
  assert.equal(find(await run(sql, at(60)), "stuck", "SIM_01")?.status, "fail");
});

Deno.test("the alert of a rule that is switched off is resolved", async () => {
  await using db = await fleet(60);
  const { sql } = db;
  await sql`update sensor_data set s9 = 9056 where engine_id = ${engine(sql, "SIM_01")} and cycle > 30`;
  const open = async (hours: number) => {
    await run(sql, at(hours));
    return (await sql`select subject from alerts where kind = 'stuck' and resolved_at is null`).length;
  };
  assert.equal(await open(60), 1);
  await sql`update expectations set active = false where kind = 'stuck'`;
  await open(60.01);
  assert.equal(await open(60.02), 0);
});

Deno.test("with a rule for one dataset alone there is a verdict on the table, and its alerts are resolved", async () => {
  await using db = await fleet(60);
  const { sql } = db;
  const one = engine(sql, "SIM_01");
  await sql`update engines set dataset = 'FD001'`;
  await sql`update expectations set active = false where kind = 'completeness'`;
  await sql`insert into expectations (dataset, kind, min, description) values ('FD001', 'completeness', 0.98, 'own')`;
  await sql`delete from sensor_data where engine_id = ${one} and cycle between 45 and 50`;
  const found = async (hours: number) => {
    const verdicts = await run(sql, at(hours));
    const open = await sql`select from alerts where kind = 'completeness' and resolved_at is null`;
    return [
      find(verdicts, "completeness")?.status,
      find(verdicts, "completeness", "SIM_01")?.status,
      open.length,
    ];
  };
  assert.deepEqual(await found(60), ["warning", "fail", 1]);
  await sql`update expectations set min = 0.1 where dataset = 'FD001' and kind = 'completeness'`;
  await found(60.01);
  assert.deepEqual(await found(60.02), ["pass", "pass", 0]);
});

Deno.test("a backfill has its verdicts, and alerts nobody about what is past", async () => {
  await using db = await fleet(60);
  const { sql } = db;
  await sql`update sensor_data set s4 = 9999 where cycle = 20 and engine_id = ${engine(sql, "SIM_01")}`;
  await run(sql, at(60));
  assert.equal(find(await run(sql, at(24)), "range", "SIM_01")?.status, "fail");
  assert.equal((await sql`select from alerts`).length, 0);
});

Deno.test("a rule that is edited while the first roll-up runs takes effect", async () => {
  await using db = await fleet(60);
  const { sql } = db;
  const other = await sql.reserve();
  await other`begin`;
  await other`select roll_up_readings()`;
  await sql`update expectations set max = 640 where kind = 'range' and column_name = 's2'`;
  await other`commit`;
  other.release();
  assert.equal(find(await run(sql, at(60)), "range", "s2")?.status, "fail");
});
