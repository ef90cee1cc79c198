/** What SQL makes of what detectors found: alerts, episodes in retention, what is to be scored, recent_anomalies. */

import assert from "node:assert/strict";
import type postgres from "postgres";
import { storeBatch } from "../../shared/intake.ts";
import { SENSORS } from "../../shared/sensors.ts";
import { hasPostgres15, testDatabase } from "../support/database.ts";
import { candidates, reading } from "../support/readings.ts";

const HOUR = 3_600_000;

/** Time of the reading with a number: an hour apart, the twentieth is the latest. */
function timeOf(cycle: number): Date {
  return new Date((Math.floor(Date.now() / HOUR) - 21 + cycle) * HOUR);
}

interface Found {
  readonly score?: number;
  readonly severity?: "warning" | "fail";
}

/** Stores the readings with the given cycles of some engines; nothing is to be scored afterwards. */
async function store(
  sql: postgres.Sql,
  engines: readonly string[],
  cycles: readonly number[],
): Promise<void> {
  const readings = engines.flatMap((engine_id) =>
    cycles.map((cycle) => reading({ engine_id, cycle, timestamp: timeOf(cycle).toISOString() }))
  );
  await storeBatch(sql, { source: "ingest", reference: null }, candidates(readings));
  await sql`select roll_up_readings()`;
  await sql`delete from unscored_readings`;
}

/** Says which of the twenty readings are anomalies, in place of a detector. */
async function record(
  sql: postgres.Sql,
  engines: readonly string[],
  cycles: readonly number[],
  { score = 3, severity = "warning" }: Found = {},
): Promise<void> {
  const rows = await sql`select id from engines where unit_number = any (${engines as string[]})`;
  const ids = rows.map(({ id }) => id);
  const findings = ids.flatMap((engine_id) =>
    cycles.map((cycle) => ({
      engine_id,
      at: timeOf(cycle).getTime() * 1000,
      cycle,
      score,
      threshold: 1.5,
      severity,
      sensors: { s11: 9, s4: 5, s2: 2, s3: 1 },
      values: { s11: 49, s4: 1500, s2: 650, s3: 1600 },
    }))
  );
  await sql`
    select record_anomalies(
      ${ids}::uuid[], array(select tstzrange(null, null) from generate_series(1, ${ids.length}::integer)),
      'mean_abs_z', ${JSON.stringify(findings)}::text::jsonb, true, gen_random_uuid()
    )`;
}

let observed = Date.now();

/** Each observation is later than the one before. */
async function observe(
  sql: postgres.Sql,
  engines: readonly string[],
  onlyFailing = false,
): Promise<Record<string, number>> {
  observed += 1000;
  const [{ told }] = await sql`
    select observe_anomalies(
      (select array_agg(id) from engines where unit_number = any (${engines as string[]})), 'mean_abs_z', ${onlyFailing},
      ${new Date(observed)}
    ) as told`;
  return told;
}

async function alerts(sql: postgres.Sql): Promise<unknown[]> {
  const rows = await sql`select subject, severity, state from alerts where kind = 'anomaly' order by id`;
  return rows.map(({ subject, severity, state }) => [subject, severity, state]);
}

async function engineOf(sql: postgres.Sql, cycles = 20): Promise<void> {
  await store(sql, ["E"], Array.from({ length: cycles }, (_, i) => i + 1));
}

Deno.test("three of the last five readings far above the threshold are an alert, two are none; just above it they are an episode", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  await engineOf(sql);
  await record(sql, ["E"], [1, 2, 3, 4, 5, 16, 18], { severity: "fail" }); // many earlier ones do not count
  assert.deepEqual(await observe(sql, ["E"]), {});
  await record(sql, ["E"], [16, 18, 20]);
  assert.deepEqual(await observe(sql, ["E"]), {});
  await record(sql, ["E"], [16, 18, 20], { severity: "fail" });
  await observe(sql, ["E"]);
  assert.deepEqual(await alerts(sql), [["E", "fail", "open"]]);
  const [{ summary, evidence }] = await sql`select summary, evidence from alerts`;
  assert.equal(
    summary,
    "3 of the last 5 readings of E are far from healthy ones, s11, s4, s2 most: mean_abs_z is 3.000, above 1.500",
  );
  const [{ id }] = await sql`select id::integer from anomaly_episodes where open`;
  assert.deepEqual(
    [evidence.episode, evidence.anomalous, evidence.severe, evidence.worn, evidence.sensors.s11],
    [id, 3, 3, false, 9],
  );
});

Deno.test("an alert is resolved by readings that pass, and not by what arrives before it is scored", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  await engineOf(sql, 16);
  await record(sql, ["E"], [14, 15, 16], { severity: "fail" });
  await observe(sql, ["E"]);
  await store(sql, ["E"], [17, 18, 19]); // now two of the last five
  await observe(sql, ["E"], true);
  await observe(sql, ["E"], true);
  assert.deepEqual(await alerts(sql), [["E", "fail", "open"]]);
  await sql`insert into unscored_readings (engine_id, times) select id, ${`[${
    timeOf(19).toISOString()
  },)`}::text::tstzrange::tstzmultirange from engines`;
  await observe(sql, ["E"]);
  await observe(sql, ["E"]);
  assert.deepEqual(await alerts(sql), [["E", "fail", "open"]]);
  await sql`delete from unscored_readings`;
  await observe(sql, ["E"]);
  await observe(sql, ["E"]);
  assert.deepEqual(await alerts(sql), [["E", "fail", "resolved"]]);
});

/**
 * Stores a hundred readings of an engine, which are its baseline (standard deviation 1 of each sensor), and five that are
 * shifted; of these, three are far from healthy ones, says whoever scores them.
 *
 * @param shifts By sensor, in standard deviations.
 */
async function shifted(
  sql: postgres.Sql,
  unitNumber: string,
  shifts: Readonly<Record<string, number>>,
): Promise<void> {
  const readings = Array.from({ length: 105 }, (_, i) => {
    const typical = reading();
    const noise = i % 2 === 0 ? 1 : -1;
    return reading({
      engine_id: unitNumber,
      cycle: i + 1,
      timestamp: timeOf(i - 84).toISOString(),
      ...Object.fromEntries(
        SENSORS.map((sensor) => [sensor, typical[sensor]! + noise + (i < 100 ? 0 : shifts[sensor] ?? 0)]),
      ),
    });
  });
  await storeBatch(sql, { source: "ingest", reference: null }, candidates(readings));
  await sql`select roll_up_readings()`;
  await sql`delete from unscored_readings`;
  await sql`
    insert into anomalies (engine_id, "timestamp", cycle, detector, score, threshold, severity, sensors)
    select id, sensor_data."timestamp", cycle, 'mean_abs_z', 3, 1.5, 'fail', '{"s11": 9, "s4": 5}'
    from engines
    join sensor_data on engine_id = id
    where unit_number = ${unitNumber} and cycle > 102`;
}

Deno.test("what wear explains is no alert until the engine is as worn as at failure, then a warning that says so; anything else fails", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  const signature = await sql<{ column: string; shift: number }[]>`
    select column_name as column, shift from wear_signatures where dataset is null`;
  const wear = (share: number) =>
    Object.fromEntries(signature.map(({ column, shift }) => [column, share * shift]));
  await shifted(sql, "WEARING", wear(0.6));
  await shifted(sql, "WORN", wear(1.1));
  await shifted(sql, "BROKEN", { s11: 40 });
  await shifted(sql, "WORN_AND_BROKEN", { ...wear(0.6), s11: 60 });
  await observe(sql, ["WEARING", "WORN", "BROKEN", "WORN_AND_BROKEN"]);
  assert.deepEqual(await alerts(sql), [
    ["BROKEN", "fail", "open"],
    ["WORN", "warning", "open"],
    ["WORN_AND_BROKEN", "fail", "open"],
  ]);
  const [{ summary, evidence }] = await sql`select summary, evidence from alerts where subject = 'WORN'`;
  assert.match(summary, /; it is worn \(1\.\d\d\), which makes them so$/);
  assert.ok(evidence.worn && evidence.wear > 1 && evidence.unexplained < 0.1, JSON.stringify(evidence));
  const [{ evidence: broken }] = await sql`select evidence from alerts where subject = 'BROKEN'`;
  assert.ok(!broken.worn && broken.unexplained > 0.5, JSON.stringify(broken));
});

Deno.test("engines that have failed, or have not sent anything for a week, are no alerts; one that is taken out of service passes", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  await engineOf(sql);
  await record(sql, ["E"], [18, 19, 20], { severity: "fail" });
  await sql`update engines set status = 'failed'`;
  assert.deepEqual(await observe(sql, ["E"]), {});
  await sql`update engines set status = 'active'`;
  const [{ late }] = await sql`
    select observe_anomalies((select array_agg(id) from engines), 'mean_abs_z', false, now() + interval '8 days') as late`;
  assert.deepEqual(late, {});
  await observe(sql, ["E"]);
  assert.deepEqual(await alerts(sql), [["E", "fail", "open"]]);
  await sql`update engines set status = 'retired'`;
  await observe(sql, ["E"]);
  await observe(sql, ["E"]);
  assert.deepEqual(await alerts(sql), [["E", "fail", "resolved"]]);
});

Deno.test("many engines at once are one alert; it is over when the fleet is, also where only some of it was scored", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  const engines = Array.from({ length: 30 }, (_, i) => `E${i + 10}`);
  await store(sql, engines, [16, 17, 18, 19, 20]);
  await record(sql, engines, [18, 19, 20], { severity: "fail" });
  await observe(sql, engines);
  assert.deepEqual(await alerts(sql), [["*", "fail", "open"]]);
  await observe(sql, engines.slice(0, 3)); // the others still fail
  assert.deepEqual(await alerts(sql), [["*", "fail", "open"]]);
  await record(sql, engines, []);
  await record(sql, engines.slice(0, 2), [18, 19, 20], { severity: "fail" });
  await observe(sql, engines.slice(5, 8));
  await observe(sql, engines.slice(5, 8));
  const left = await alerts(sql);
  assert.deepEqual(left[0], ["*", "fail", "resolved"]);
  assert.deepEqual(left.slice(1).sort(), [["E10", "fail", "open"], ["E11", "fail", "open"]]);
});

Deno.test("recent_anomalies tells of the last readings whether they are anomalies, or that nobody knows yet", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  await engineOf(sql, 19);
  await record(sql, ["E"], [17, 18]);
  const baseline = (complete: boolean, cycle: number) =>
    sql`update engine_baselines set complete = ${complete}, last_timestamp = ${timeOf(cycle)}`;
  await baseline(true, 16);
  await storeBatch(
    sql,
    { source: "ingest", reference: null },
    candidates([reading({ engine_id: "E", cycle: 20, timestamp: timeOf(20).toISOString() })]),
  );
  const told = async () => {
    const rows =
      await sql`select cycle, is_anomaly, score, episode_id::integer from recent_anomalies('E', 4)`;
    return rows.map(({ cycle, is_anomaly, score, episode_id }) => [cycle, is_anomaly, score, episode_id]);
  };
  const [{ id }] = await sql`select id::integer from anomaly_episodes`;
  const rest = [[19, false, null, null], [18, true, 3, id], [17, true, 3, id]];
  assert.deepEqual(await told(), [[20, null, null, null], ...rest]); // arrived
  await baseline(false, 19);
  await sql`select roll_up_readings()`;
  assert.deepEqual(await told(), [
    [20, null, null, null],
    [19, null, null, null], // so few readings are no baseline: all of them wait for one
    ...rest.slice(1),
  ]);
  await sql`delete from unscored_readings`;
  await baseline(true, 16);
  assert.deepEqual(await told(), [[20, false, null, null], ...rest]);
  assert.equal((await sql`select from recent_anomalies('E')`).length, 20);
  assert.equal((await sql`select from recent_anomalies('nobody')`).length, 0);
  await sql`update model_settings set anomaly_detector = 'mahalanobis'`;
  assert.deepEqual((await told())[2], [18, false, null, null]);
  for (const n of [0, 1001, null]) {
    await assert.rejects(
      async () => await sql`select * from recent_anomalies('E', ${n})`,
      (error: postgres.PostgresError) => {
        assert.equal(error.code, "22023");
        assert.match(
          error.message,
          /^Cannot list readings as n must be between 1 and 1000: current value is /,
        );
        return true;
      },
    );
  }
});

Deno.test("what is to be scored stays small: times that touch become one, many become their span", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  await sql`insert into engines (unit_number) values ('A'), ('B')`;
  const note = async (hours: readonly number[]) => {
    await sql`
      select note_unscored_readings(array_agg(id), array_agg(tstzrange(at, at + interval '1 hour')))
      from engines
      cross join (
        select timestamptz '2024-01-01 00:00Z' + make_interval(hours => hour) as at
        from unnest(${hours as number[]}::integer[]) as hour
      ) as hours`;
    return (await sql`select times::text as times, (select count(*) from unnest(times))::integer as ranges from unscored_readings`)
      .map(({ ranges, times }) => [ranges, times] as const);
  };
  const span = (from: string, to: string) => `{["2024-01-01 ${from}:00:00+00","2024-01-01 ${to}:00:00+00")}`;
  assert.deepEqual(await note([0, 1, 2]), [[1, span("00", "03")], [1, span("00", "03")]]);
  assert.deepEqual(await note([3]), [[1, span("00", "04")], [1, span("00", "04")]]);
  const apart = Array.from({ length: 99 }, (_, i) => 10 + 2 * i);
  assert.deepEqual((await note(apart)).map(([ranges]) => ranges), [100, 100]);
  assert.deepEqual((await note([1000])).map(([ranges]) => ranges), [1, 1]);
  assert.equal(
    (await sql`select from unscored_readings where times @> timestamptz '2024-01-01 11:30Z'`).length,
    2,
  );
  await note([]); // nothing to note is no error, and neither is an engine that is gone
  await sql`select note_unscored_readings(array[gen_random_uuid()], array[tstzrange(null, null)])`;
  assert.equal((await sql`select from unscored_readings`).length, 2);
});

Deno.test("expectations concern no detector: a change of one has nothing scored again, a change of an operating condition everything", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  await engineOf(sql);
  await sql`update expectations set active = active`;
  await sql`select roll_up_readings()`;
  assert.equal((await sql`select from unscored_readings`).length, 0);
  await sql`update operating_conditions set altitude_max = altitude_max`;
  await sql`select roll_up_readings()`;
  const [{ times }] = await sql`select times::text as times from unscored_readings`;
  assert.equal(times, "{(,)}");
});

Deno.test("nobody can tell of readings of the baseline, of engines without one, and of readings with few sensors", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  await engineOf(sql, 4);
  const told = async () =>
    (await sql`select is_anomaly from recent_anomalies('E', 4)`).map(({ is_anomaly }) => is_anomaly);
  assert.deepEqual(await told(), [null, null, null, null]);
  await sql`update engine_baselines set complete = true, last_timestamp = ${timeOf(2)}`;
  assert.deepEqual(await told(), [false, false, null, null]);
  await sql`update sensor_data set s2 = null, s3 = null, s4 = null, s7 = null, s8 = null, s9 = null, s11 = null where cycle = 3`;
  assert.deepEqual(await told(), [false, null, null, null]); // to be scored again
  await sql`delete from sensor_data_changes`;
  assert.deepEqual(await told(), [false, false, null, null]); // seven are enough
  await sql`update sensor_data set s12 = null where cycle = 3`;
  await sql`delete from sensor_data_changes`;
  assert.deepEqual(await told(), [false, null, null, null]);
  await sql`update model_settings set anomaly_detector = 'mahalanobis'`; // it knows the fleet, and asks for no baseline
  assert.deepEqual(await told(), [false, null, false, false]);
});

for (const version of [17, 15] as const) {
  Deno.test({
    name:
      `anomalies and episodes outlive readings that have gone to the lake, also when all is scored again, on Postgres ${version}`,
    ignore: version === 15 && !hasPostgres15,
    async fn() {
      await using db = await testDatabase({ version });
      const { sql } = db;
      const day = (month: number, day: number) => new Date(Date.UTC(2024, month - 1, day));
      const days = [
        ...[1, 2, 3, 4, 5, 6, 30, 31].map((each) => day(1, each)),
        ...[1, 2, 3, 4, 5, 6].map((each) => day(2, each)),
      ];
      await storeBatch(
        sql,
        { source: "ingest", reference: null },
        candidates(
          days.map((at, i) => reading({ engine_id: "E", cycle: i + 1, timestamp: at.toISOString() })),
        ),
      );
      const score = async (cycles: readonly number[]) => {
        const [{ id }] = await sql`select id from engines`;
        const findings = cycles.map((cycle) => ({
          engine_id: id,
          at: days[cycle - 1].getTime() * 1000,
          cycle,
          score: 3,
          threshold: 1.5,
          severity: "warning",
          sensors: {},
          values: {},
          model_id: null,
        }));
        const [{ withdrawn }] = await sql`
          select withdrawn from record_anomalies(
            array[${id}::uuid], array[tstzrange(null, null)], 'mean_abs_z', ${
          JSON.stringify(findings)
        }::text::jsonb, true,
            gen_random_uuid()
          )`;
        return withdrawn;
      };
      const episodes = async () =>
        (await sql`select first_cycle, last_cycle, readings from anomaly_episodes order by started_at`)
          .map(({ first_cycle, last_cycle, readings }) => [first_cycle, last_cycle, readings]);
      // two episodes of January, and one that goes on into February
      await score([1, 2, 6, 8, 9, 14]);
      const whole = [[1, 2, 2], [6, 9, 3], [14, 14, 1]];
      assert.deepEqual(await episodes(), whole);

      const [{ january }] =
        await sql`select tableoid::regclass::text as january from sensor_data where cycle = 1`;
      await sql`drop table ${sql(january)}`;
      await sql`
        insert into retired_months (month, closed_at, dropped_at, readings) values ('2024-01-01', now(), now(), 8)`;
      assert.equal(await score([9, 14]), 0);
      assert.deepEqual(await episodes(), whole);
      assert.equal((await sql`select from anomalies`).length, 6);
      // of the readings that are there, what is not found again is taken back, and what is new joins nothing of January
      assert.equal(await score([14]), 1);
      assert.deepEqual(await episodes(), [[1, 2, 2], [6, 8, 2], [14, 14, 1]]);
      assert.equal(await score([10, 14]), 0);
      assert.deepEqual(await episodes(), [[1, 2, 2], [6, 8, 2], [10, 10, 1], [14, 14, 1]]);
    },
  });
}

Deno.test("an emptied sensor_data has no anomalies, and nothing is to be scored", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  await engineOf(sql);
  await record(sql, ["E"], [1, 2]);
  await sql`select note_unscored_readings(array_agg(id), array_agg(tstzrange(null, null))) from engines`;
  await sql`truncate sensor_data`;
  for (const table of ["anomalies", "anomaly_episodes", "unscored_readings"]) {
    assert.equal((await sql`select from ${sql(table)}`).length, 0, table);
  }
});

Deno.test("retention deletes episodes whole, and an anomaly only with its episode", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  await engineOf(sql);
  await record(sql, ["E"], [1, 2, 10, 11]);
  await sql`update anomalies set detected_at = now() - interval '400 days' where cycle in (1, 2, 10)`;
  await sql`
    update anomaly_episodes set detected_at = (
      select max(detected_at) from anomalies where anomalies."timestamp" between started_at and ended_at
    )`;
  await sql`select prune_history()`;
  const rows = await sql`select cycle from anomalies order by cycle`;
  assert.deepEqual(rows.map(({ cycle }) => cycle), [10, 11]);
  assert.equal((await sql`select from anomaly_episodes`).length, 1);
});
