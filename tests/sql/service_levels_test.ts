/** Service levels against what a hand computes from a database in which everything that they look at is known. */

import assert from "node:assert/strict";
import type postgres from "postgres";
import { VALUE_COLUMNS } from "../../shared/sensors.ts";
import { hasPostgres15, testDatabase } from "../support/database.ts";

const MEASURES = [
  "completeness",
  "accuracy",
  "schema_compliance",
  "anomaly_detection_accuracy",
  "ingestion_latency",
  "check_duration",
  "availability",
  "recovery",
  "alert_response",
  "lineage",
];

interface Level {
  measure: string;
  status: string;
  value: number | null;
  reason: string | null;
  evidence: Record<string, unknown>;
}

/** End of the stretch of time that the tests look at, and its beginning a day before. */
const UNTIL = "2026-03-02T12:00:30Z";
const SINCE = "2026-03-01T12:00:30Z";

async function levels(sql: postgres.Sql, since = SINCE, until = UNTIL): Promise<Record<string, Level>> {
  const rows = await sql<Level[]>`
    select * from public.service_levels(${since}::text::timestamptz, ${until}::text::timestamptz)`;
  assert.deepEqual(rows.map(({ measure }) => measure), MEASURES);
  return Object.fromEntries(rows.map((row) => [row.measure, row]));
}

/** A moment so many minutes before the end. */
const ago = (minutes: number) => new Date(Date.parse(UNTIL) - minutes * 60_000).toISOString();

/** A run of the checks of 24 hours. */
async function run(sql: postgres.Sql, asOf: string, seconds: number): Promise<number> {
  const [{ id }] = await sql`
    insert into check_runs (window_start, as_of, started_at, finished_at)
    select at - interval '24 hours', at, at + interval '5 seconds', at + (5 + ${seconds}::int) * interval '1 second'
    from (select ${asOf}::text::timestamptz as at) as moment
    returning id::int`;
  return id;
}

async function verdict(
  sql: postgres.Sql,
  runId: number | null,
  metric: string,
  asOf: string,
  given: {
    column?: string;
    status?: string;
    value?: number;
    rows?: number;
    evidence?: Record<string, unknown>;
  },
): Promise<void> {
  const { column = null, status = "pass", value = 1, rows = 0, evidence = {} } = given;
  await sql`
    insert into data_quality_metrics (
      table_name, metric_name, column_name, run_id, check_timestamp, status, metric_value, rows_checked, evidence
    )
    values (
      'sensor_data', ${metric}, ${column}, ${runId}, ${asOf}::text::timestamptz, ${status}, ${value}, ${rows},
      ${JSON.stringify(evidence)}::text::jsonb
    )`;
}

async function batch(
  sql: postgres.Sql,
  source: string,
  receivedAt: string,
  counts: { accepted?: number; rejected?: number },
  seconds: number | null,
  lagSeconds = 30,
): Promise<void> {
  const { accepted = 0, rejected = 0 } = counts;
  await sql`
    insert into batches (id, source, received, accepted, duplicates, rejected, received_at, newest_timestamp, processing)
    select
      gen_random_uuid(), ${source}, ${accepted + rejected}, ${accepted}, 0, ${rejected}, at,
      at - ${lagSeconds}::int * interval '1 second', ${seconds}::float * interval '1 second'
    from (select ${receivedAt}::text::timestamptz as at) as moment`;
}

/** Everything of a day, with figures that make each level what the tests expect. */
async function fill(sql: postgres.Sql): Promise<void> {
  // Runs that follow each other: of the one between them, whose window overlaps both, nothing may count.
  const today = "2026-03-02T12:00:00Z";
  const between = "2026-03-02T06:00:00Z";
  const latest = await run(sql, today, 90);
  const overlapping = await run(sql, between, 400);
  await verdict(sql, latest, "completeness", today, { evidence: { expected: 1000, missed: 30 } });
  await verdict(sql, overlapping, "completeness", between, { evidence: { expected: 1000, missed: 999 } });
  // 17 columns of 100 values, of which 8 are outside; with 1 rejected reading of 17 values 25 of 1717 are wrong
  for (const column of VALUE_COLUMNS) {
    const broken = column === "s2" ? 8 : 0;
    await verdict(sql, latest, "range", today, { column, rows: 100, evidence: { broken } });
    await verdict(sql, overlapping, "range", between, { column, rows: 100, evidence: { broken: 100 } });
  }
  await verdict(sql, latest, "schema", today, { value: 0 });
  await verdict(sql, overlapping, "schema", between, {
    value: 1,
    status: "fail",
    evidence: { failing: [{ column: "s2" }] },
  });
  await verdict(sql, null, "lineage_coverage", "2026-03-02T02:00:00Z", {
    value: 0.75,
    status: "fail",
    evidence: { subjects: { readings: { total: 4 } } },
  });

  // 19 batches within 0.1 s, one at exactly the bound, and one before the time
  for (let i = 0; i < 19; i++) await batch(sql, "ingest", ago(60 + i), { accepted: 5 }, 0.06);
  await batch(sql, "kinesis", ago(50), { accepted: 5, rejected: 1 }, 300, 4000);
  await batch(sql, "replay", ago(49), { rejected: 7 }, null);
  await batch(sql, "ingest", ago(24 * 60 + 1), { rejected: 1000 }, 9999);

  // each minute of the day but twenty, which begin at 03:00
  await sql`
    insert into heartbeats
    select minute
    from generate_series('2026-03-01 12:00:00+00'::timestamptz, '2026-03-02 12:00:00+00', interval '1 minute') as minute
    where minute < '2026-03-02 03:00:00+00' or minute >= '2026-03-02 03:20:00+00'`;

  // answered by a delivery after 2 minutes, by a person after 4, by its end after 3; one held back; one raised just now
  for (
    const [minutes, answer] of [
      [100, "sent"],
      [90, "acknowledged"],
      [80, "resolved"],
      [70, "held_back"],
      [1, "none"],
    ] as const
  ) {
    const [{ id }] = await sql`
      insert into alerts (
        kind, subject, severity, summary, opened_at, last_seen_at, last_observed_at, state, resolved_at, resolved_by
      )
      select
        'k', ${answer}, 'fail', 's', at, at, at, ${answer === "resolved" ? "resolved" : "open"},
        case when ${answer === "resolved"} then at end, ${answer === "resolved" ? "spool" : null}
      from (select ${ago(minutes)}::text::timestamptz as at) as moment
      returning id`;
    const event = (number: number, name: string, at: string) =>
      sql`
      insert into alert_events (alert_id, number, event, at, actor, severity, summary, evidence, held_back)
      values (${id}, ${number}, ${name}, ${at}::text::timestamptz, 'a', 'fail', 's', '{}', ${
        answer === "held_back"
      })`;
    await event(1, "opened", ago(minutes));
    if (answer === "acknowledged") await event(2, "acknowledged", ago(minutes - 4));
    if (answer === "resolved") await event(2, "resolved", ago(minutes - 3));
    if (answer === "sent") {
      await sql`
        insert into alert_deliveries (alert_id, event_number, channel, next_attempt_at, state, sent_at)
        values (${id}, 1, 'sns', now(), 'sent', ${ago(minutes - 2)}::text::timestamptz)`;
    }
  }

  for (
    const [name, recall, falseAlarmRate] of [["anomaly", 0.97, 0.01], ["anomaly-FD001", 0.95, 0.03]] as const
  ) {
    await sql`
      insert into models (
        purpose, name, version, dataset, features, trained_from, trained_until, engines, readings, seed, settings, metrics,
        content, code_version
      )
      values (
        'anomaly', ${name}, 1, ${name === "anomaly" ? null : "FD001"}, '{s2}', now(), now(), 1, 1, 1, '{}', ${
      JSON.stringify({
        detectors: { mean_abs_z: { recall, falseAlarmRate }, mahalanobis: { recall: 0, falseAlarmRate: 1 } },
        evaluated_on: "folds",
      })
    }::text::jsonb, '{}', '1')`;
  }
}

for (const version of hasPostgres15 ? [17, 15] as const : [17] as const) {
  Deno.test(`on Postgres ${version} nothing is measured in an empty database, and each measure says why`, async () => {
    await using db = await testDatabase({ version });
    const all = Object.values(await levels(db.sql));
    for (const { measure, status, value, reason } of all) {
      assert.deepEqual([status, value], ["not_measured", null], measure);
      assert.ok(reason !== null && reason.length > 10, measure);
    }
    const reasons = all.map(({ reason }) => reason);
    assert.ok(reasons.includes("no model has been trained"));
    assert.ok(reasons.includes("nothing arrived"));
    assert.ok(reasons.includes("no alert was raised"));
  });

  Deno.test(`on Postgres ${version} each measure is what a hand computes`, async () => {
    await using db = await testDatabase({ version });
    const { sql } = db;
    await fill(sql);
    const found = await levels(sql);
    const expected = {
      completeness: ["missed", 1 - 30 / 1000],
      accuracy: ["missed", 1 - (8 + 17) / (1700 + 17)],
      schema_compliance: ["missed", 1 / 2],
      anomaly_detection_accuracy: ["met", (0.95 + 0.97) / 2],
      ingestion_latency: ["met", 0.1],
      check_duration: ["met", 400],
      // 1,439 whole minutes between 12:01 and 12:00, twenty of them silent
      availability: ["missed", (1439 - 20) / 1439],
      recovery: ["missed", 21 * 60],
      alert_response: ["met", 4 * 60],
      lineage: ["missed", 0.75],
    } as const;
    for (const [measure, [status, value]] of Object.entries(expected)) {
      const level = found[measure];
      assert.ok(Math.abs(level.value! - value) < 1e-12, `${measure} is ${level.value}, and not ${value}`);
      assert.deepEqual([level.status, level.reason], [status, null], measure);
    }
    assert.deepEqual(found.completeness.evidence, {
      runs: 1,
      from: "2026-03-01T12:00:00+00:00",
      until: "2026-03-02T12:00:00+00:00",
      expected: 1000,
      missed: 30,
    });
    assert.equal(found.ingestion_latency.evidence.batches, 21);
    assert.equal(found.ingestion_latency.evidence.batches_measured, 20);
    // what takes exactly as long as the bound is within it
    assert.equal(found.ingestion_latency.evidence.batches_within_target, 20);
    const { sources } = found.ingestion_latency.evidence as {
      sources: Record<string, Record<string, number>>;
    };
    assert.equal(sources.kinesis.event_lag_seconds_p95_at_most, 21600);
    assert.equal(sources.ingest.event_lag_seconds_p95_at_most, 60);
    assert.deepEqual(
      [found.alert_response.evidence.alerts, found.alert_response.evidence.answered],
      [4, 3],
    );
    assert.deepEqual(
      [found.recovery.evidence.outages, found.recovery.evidence.longest_after],
      [1, "2026-03-02T02:59:00+00:00"],
    );
    assert.deepEqual(found.schema_compliance.evidence.last_differences, [{ column: "s2" }]);
    assert.equal(found.lineage.evidence.verdicts, 1);
  });
}

Deno.test("over two days runs are taken that follow each other, so that no reading counts twice", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  for (const [day, missed] of [["2026-03-02", 10], ["2026-03-01", 30]] as const) {
    const at = `${day}T12:00:00Z`;
    const early = `${day}T07:00:00Z`;
    await verdict(sql, await run(sql, at, 1), "completeness", at, { evidence: { expected: 1000, missed } });
    await verdict(sql, await run(sql, early, 1), "completeness", early, {
      evidence: { expected: 1000, missed: 500 },
    });
  }
  const { completeness } = await levels(sql, "2026-02-28T12:00:30Z");
  assert.deepEqual([completeness.status, completeness.value], ["missed", 1 - 40 / 2000]);
  assert.equal(completeness.evidence.runs, 2);
});

Deno.test("a level that is just met is met, and one that is not quite is missed, unrounded", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  const at = "2026-03-02T12:00:00Z";
  const id = await run(sql, at, 600);
  await verdict(sql, id, "completeness", at, { evidence: { expected: 100000, missed: 2000 } });
  const exact = await levels(sql);
  assert.deepEqual([exact.completeness.value, exact.completeness.status], [0.98, "missed"]);
  assert.deepEqual([exact.check_duration.value, exact.check_duration.status], [600, "missed"]);
  await sql`
    update data_quality_metrics set evidence = '{"expected": 100000, "missed": 1999}'
    where metric_name = 'completeness'`;
  await sql`update check_runs set finished_at = finished_at - interval '1 millisecond'`;
  const better = await levels(sql);
  assert.deepEqual([better.completeness.status, better.check_duration.status], ["met", "met"]);
});

Deno.test("an alert that nobody was told of misses its level from the fifth minute on, and so do batches above all bounds", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  await batch(sql, "ingest", ago(10), { accepted: 1 }, 7200);
  await sql`
    with raised as (
      insert into alerts (kind, subject, severity, summary, opened_at, last_seen_at, last_observed_at)
      select 'k', 's', 'fail', 's', at, at, at from (select ${
    ago(6)
  }::text::timestamptz as at) as moment returning id, opened_at
    )
    insert into alert_events (alert_id, number, event, at, actor, severity, summary, evidence, held_back)
    select id, 1, 'opened', opened_at, 'spool', 'fail', 's', '{}', false from raised`;
  const found = await levels(sql);
  assert.deepEqual([found.alert_response.status, found.alert_response.value], ["missed", 360]);
  assert.deepEqual([found.ingestion_latency.status, found.ingestion_latency.value], ["missed", 1800]);
  assert.equal(found.ingestion_latency.evidence.above_all_bounds, true);
  const earlier = await levels(sql, SINCE, ago(5));
  assert.deepEqual([earlier.alert_response.status, earlier.alert_response.value], ["not_measured", null]);
});

Deno.test("a task that failed to run the checks misses their level, although no run says so", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  await sql`
    with run as (
      insert into pipeline_runs (pipeline, logical_time, state, trigger, started_at, finished_at)
      select 'hourly', date_trunc('hour', at), 'failed', 'schedule', at, at
      from (select ${ago(30)}::text::timestamptz as at) as moment
      returning id, finished_at
    )
    insert into task_runs (run_id, pipeline, task, state, attempt, finished_at, error)
    select id, 'hourly', 'quality', 'failed', 5, finished_at, 'out of time' from run`;
  const { check_duration } = await levels(sql);
  assert.deepEqual([check_duration.status, check_duration.value], ["missed", null]);
  assert.match(check_duration.reason!, /failed/);
});

Deno.test("the outage that is still going on counts, and what was before the first heartbeat does not", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  await sql`
    insert into heartbeats
    select generate_series(
      '2026-03-02 10:00:00+00'::timestamptz, '2026-03-02 11:29:00+00'::timestamptz, interval '1 minute'
    )`;
  const { availability, recovery } = await levels(sql);
  assert.equal(availability.value, 90 / 120);
  assert.equal(availability.evidence.from, "2026-03-02T10:00:00+00:00");
  assert.deepEqual([recovery.status, recovery.value], ["missed", 31 * 60]);
  await sql`insert into heartbeats values ('2026-03-01 09:00:00+00')`;
  const before = await levels(sql);
  assert.equal(before.availability.value, 90 / 1439);
  assert.equal(before.recovery.value, 25 * 3600);
});

Deno.test("levels stay the same when counters have been written and batches are gone", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  await fill(sql);
  // the counters reach up to the beginning, then beyond the end
  const before = await levels(sql);
  for (const moment of [SINCE, ago(55), "2026-03-02T12:20:00Z"]) {
    await sql`select count_intake(${moment}::text::timestamptz)`;
    assert.deepEqual(await levels(sql), before, moment);
  }
  await sql`delete from batches`;
  const { sources } = (await levels(sql)).ingestion_latency.evidence as { sources: Record<string, unknown> };
  assert.ok("ingest" in sources, "the counters still say what there was");
});

Deno.test("a time that is none is refused, and so is a caller who may not read all of it", async () => {
  await using db = await testDatabase({ connections: 1 });
  const { sql } = db;
  for (const [since, until] of [[UNTIL, SINCE], [SINCE, SINCE], ["-infinity", UNTIL], [SINCE, "infinity"]]) {
    await assert.rejects(levels(sql, since, until), { code: "22023" });
  }
  await sql`set role authenticated`;
  await sql`select set_config('request.jwt.claims', '{"app_metadata": {"clearance": "public"}}', false)`;
  await assert.rejects(levels(sql), { code: "42501", message: /permission denied for alert_deliveries, / });
  await sql`select set_config('request.jwt.claims', '{"sub": "1"}', false)`;
  assert.equal((await levels(sql)).lineage.status, "not_measured");
});

Deno.test("neither levels nor metrics read a reading", async () => {
  await using db = await testDatabase({ connections: 1 });
  const { sql } = db;
  await fill(sql);
  await sql`revoke select on sensor_data from service_role`;
  await sql`set role service_role`;
  assert.equal((await levels(sql)).completeness.status, "missed");
  const [{ metrics }] = await sql`select jsonb_array_length(service_metrics()) as metrics`;
  assert.ok(metrics > 50);
  await assert.rejects(sql`select from sensor_data`, { code: "42501" });
});
