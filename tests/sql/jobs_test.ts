import assert from "node:assert/strict";
import type postgres from "postgres";
import { taskHandlers } from "../../functions/worker/handlers.ts";
import { drainQueue } from "../../functions/worker/queue.ts";
import { lakeFolder, storeReadings } from "../support/archived.ts";
import { testDatabase } from "../support/database.ts";
import { at, standIns, TEN, testPipeline, tick } from "../support/pipeline.ts";

/** Unresolved alerts as `kind subject`. */
async function alerts(sql: postgres.Sql): Promise<string[]> {
  const rows = await sql`select kind, subject from alerts where resolved_at is null order by kind, subject`;
  return rows.map(({ kind, subject }) => `${kind} ${subject}`);
}

/** As if every job had succeeded at a moment. */
async function allSucceeded(sql: postgres.Sql, time: Date): Promise<void> {
  await sql`update jobs set last_success_at = ${time}`;
}

Deno.test("each job has a row with the period of its schedule, and is scheduled by five fields", async () => {
  await using db = await testDatabase();
  const rows = await db.sql`
    select name, jobs.schedule, extract(epoch from period)::int / 60 as minutes, command
    from jobs join cron.job on jobname = name and job.schedule = jobs.schedule order by name`;
  assert.deepEqual(rows.map(({ name, schedule, minutes }) => [name, schedule, minutes]), [
    ["spool-heartbeat", "* * * * *", 1],
    ["spool-intake", "*/10 * * * *", 10],
    ["spool-partitions", "17 3 * * *", 1440],
    ["spool-pipeline", "* * * * *", 1],
    ["spool-retention", "47 * * * *", 60],
    ["spool-timeouts", "* * * * *", 1],
    ["spool-watch", "*/10 * * * *", 10],
    ["spool-worker", "* * * * *", 1],
  ]);
  assert.equal((await db.sql`select from jobs`).length, rows.length);
});

Deno.test("a job that has not succeeded for two of its periods raises an alert, and its next success resolves it", async () => {
  await using db = await testDatabase();
  const watch = (time: Date) => db.sql`select watch_jobs(${time})`;
  await allSucceeded(db.sql, TEN);
  await watch(at(0, 2));
  assert.deepEqual(await alerts(db.sql), []);
  await watch(at(0, 3));
  assert.deepEqual(await alerts(db.sql), [
    "job spool-heartbeat",
    "job spool-pipeline",
    "job spool-timeouts",
    "job spool-worker",
  ]);
  const [alert] = await db.sql`select summary, evidence, severity from alerts where subject = 'spool-worker'`;
  assert.equal(alert.severity, "fail");
  assert.match(
    alert.summary,
    /Job spool-worker has not succeeded since 2024-01-01 10:00 UTC, and should every 00:01:00/,
  );
  assert.equal(alert.evidence.schedule, "* * * * *");
  await watch(at(49));
  assert.equal((await alerts(db.sql)).length, 7); // never itself

  await allSucceeded(db.sql, at(50));
  await watch(at(50));
  await watch(at(50, 1));
  assert.deepEqual(await alerts(db.sql), []);
});

Deno.test("a job that has never succeeded is given two periods from when it was made", async () => {
  await using db = await testDatabase();
  await allSucceeded(db.sql, at(5));
  await db
    .sql`update jobs set last_success_at = null, registered_at = ${TEN} where name = 'spool-partitions'`;
  await db.sql`select watch_jobs(${at(5)})`;
  assert.deepEqual(await alerts(db.sql), []);
  await allSucceeded(db.sql, at(49));
  await db.sql`update jobs set last_success_at = null where name = 'spool-partitions'`;
  await db.sql`select watch_jobs(${at(49)})`;
  assert.deepEqual(await alerts(db.sql), ["job spool-partitions"]);
});

Deno.test("a failed run and a missed SLA raise alerts, and the next good run resolves them", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  await testPipeline(sql, [{ name: "a" }], { sla: "30 minutes" });
  const watch = async (time: Date) => {
    await allSucceeded(sql, time);
    await sql`select watch_jobs(${time})`;
  };
  await sql`insert into behaviours (task, sqlstate) values ('a', '22012')`;
  await tick(sql, TEN);
  await watch(at(0, 10));
  assert.deepEqual(await alerts(sql), ["run test"]);
  assert.match(
    (await sql`select summary from alerts`)[0].summary,
    /of pipeline test failed: a: as the test wants/,
  );
  await tick(sql, at(0, 31));
  await watch(at(0, 32));
  assert.deepEqual(await alerts(sql), ["run test", "sla test"]);

  await sql`delete from behaviours`;
  await tick(sql, at(1));
  for (const minute of [0, 10]) await watch(at(1, minute));
  assert.deepEqual(await alerts(sql), []);
});

Deno.test("history is kept as long as the catalogue says, and what is open for ever", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  await standIns(sql);
  await testPipeline(sql, [{ name: "a", kind: "queue", claimWithin: "1 year" }], { maxActiveRuns: 2 });
  await tick(sql, at(1)); // hours 0 and 1, both open
  await sql`select cancel_run(id) from pipeline_runs where logical_time = ${TEN}`;
  await sql`update pipeline_runs set finished_at = ${TEN} where finished_at is not null`;
  await sql`update pipelines set active = false`;
  await sql`update data_assets set retention_days = 10 where name = any (prunable_assets()) and retention_days is not null`;
  await sql`
    insert into check_runs (as_of, window_start) values (${TEN}, ${at(-24)}), (${at(24)}, ${TEN})`;
  await sql`
    insert into data_quality_metrics (table_name, metric_name, status, run_id, check_timestamp)
    select 't', 'm', 'not_evaluated', id, as_of from check_runs
    union all select 't', 'm', 'not_evaluated', null, ${TEN}`;
  await sql`insert into cron.job_run_details (status, start_time, end_time) values ('succeeded', ${TEN}, ${TEN}), ('x', ${
    at(24)
  }, null)`;
  await sql`
    insert into delivery_receipts (stream, request_id, digest, batch_id, received_at)
    select '', 'r', md5(received_at::text), gen_random_uuid(), received_at
    from unnest(array[${TEN}, ${at(24)}]::timestamptz[]) as received_at`;
  await sql`update alert_channels set active = true`;
  const observe = (failing: boolean, time: Date) =>
    sql`select observe_alerts(${
      JSON.stringify(["a", "b"].map((subject) => ({ kind: "k", subject, failing, summary: "s" })))
    }::text::jsonb, ${time})`;
  await observe(true, at(-3));
  await observe(false, at(-2));
  await observe(false, at(-1));
  await sql`update alert_deliveries set state = 'sent', sent_at = now() where alert_id = (select id from alerts where subject = 'a')`;
  await sql`select observe_alerts('[{"kind": "k", "subject": "open", "failing": true, "summary": "s"}]', ${TEN})`;

  const counts = async () => ({
    ...(await sql`
      select
        (select count(*) from check_runs)::int as checks, (select count(*) from data_quality_metrics)::int as metrics,
        (select count(*) from pipeline_runs)::int as runs, (select count(*) from cron.job_run_details)::int as job_runs,
        (select string_agg(subject, ' ' order by subject) from alerts) as alerts,
        (select count(*) from delivery_receipts)::int as receipts`)[0],
  });
  await sql`select prune_history(${at(24 * 10)})`; // TEN itself is exactly ten days old
  assert.deepEqual(await counts(), {
    checks: 2,
    metrics: 3,
    runs: 2,
    job_runs: 2,
    alerts: "b open",
    receipts: 2,
  });
  await sql`select prune_history(${at(24 * 10, 1)})`;
  assert.deepEqual(await counts(), {
    checks: 1,
    metrics: 1,
    runs: 1,
    job_runs: 1,
    alerts: "b open",
    receipts: 1,
  });
  assert.match(
    (await sql`select last_result from jobs where name = 'spool-retention'`)[0].last_result,
    /^deleted: 2 of data_quality_metrics, 1 of check_runs, 1 of delivery_receipts, 1 of pipeline_runs, 1 runs of jobs$/,
  );
  await sql`select prune_history(${at(24 * 400)})`;
  assert.deepEqual(await counts(), {
    checks: 0,
    metrics: 0,
    runs: 1,
    job_runs: 0,
    alerts: "b open",
    receipts: 0,
  });
});

Deno.test("each asset with a retention loses what is older than it, and nothing else, with a row of audit_log for each", async (t) => {
  await using db = await testDatabase();
  const { sql } = db;
  await sql`insert into engines (unit_number) values ('E')`;
  await sql`select observe_alerts('[{"kind": "k", "subject": "s", "failing": true, "summary": "s"}]')`;
  // one that is eleven days old and one that is nine; AGE is its time, N what tells them apart
  const made: Record<string, string> = {
    alerts:
      `(kind, subject, severity, state, summary, opened_at, last_seen_at, last_observed_at, resolved_at, resolved_by)
      values ('k', 'N', 'fail', 'resolved', 's', AGE, AGE, AGE, AGE, 'x')`,
    anomaly_episodes: `(
        engine_id, detector, started_at, ended_at, first_cycle, last_cycle, readings, severe_readings, peak_score,
        peak_threshold, peak_at, sensors, severity, open, detected_at
      )
      select id, 'd', AGE, AGE, N, 1, 1, 0, 1, 1, AGE, '{}', 'warning', true, AGE from engines`,
    anomalies: `(engine_id, "timestamp", cycle, detector, score, threshold, sensors, detected_at)
      select id, '2001-01-01', N, 'd', 1, 1, '{}', AGE from engines`,
    audit_log: "(at, actor, action, target) values (AGE, 'a', 'b.c', 'd')",
    data_quality_metrics:
      "(table_name, metric_name, status, check_timestamp) values ('t', 'm', 'not_evaluated', AGE)",
    check_runs: "(window_start, as_of) values (AGE - interval '1 day', AGE)",
    dead_letters:
      `(batch_id, source, position, payload, payload_digest, path, reason, first_seen_at, last_seen_at)
      values (gen_random_uuid(), 'ingest', 0, '{}', 'N', '', 'r', now() - interval '100 days', AGE)`,
    delivery_receipts:
      "(stream, request_id, digest, batch_id, received_at) values ('', 'N', 'd', gen_random_uuid(), AGE)",
    engine_health_reports: "(engine_id, as_of, health, reasons) select id, AGE, 'ok', '{}' from engines",
    heartbeats: "(minute) values (date_trunc('minute', AGE, 'UTC'))",
    // the newest of those that are old enough is kept: it stands for the others
    intake_counters: `(
        until, source, batches, accepted, duplicates, rejected, processing_seconds, processing_buckets, event_lag_seconds,
        event_lag_buckets, last_received_at
      )
      select AGE - days * interval '12 hours', 'load', 0, 0, 0, 0, 0, '{}', 0, '{}', AGE from generate_series(0, 1) as days`,
    lineage_events:
      "(event_time, event_type, run_id, job_name, code_version) values (AGE, 'START', gen_random_uuid(), 'j', '1')",
    lineage_forwards:
      "(event_id, run_id, event_time, state, attempts, settled_at, error) values ('N', gen_random_uuid(), AGE, 'dead', 1, AGE, 'x')",
    pipeline_runs: `(pipeline, logical_time, state, trigger, started_at, finished_at)
      values ('hourly', AGE, 'failed', 'manual', AGE, AGE)`,
    retraining_decisions:
      "(as_of, retrain, reasons, evidence, decided_at) values (AGE, false, '{}', '{}', AGE)",
    rul_predictions: `(engine_id, cycle, predicted_rul, model_name, model_version, predicted_at)
      select id, N, 1, 'm', '1', AGE from engines`,
  };
  const [{ assets }] = await sql`select prunable_assets() as assets`;
  assert.deepEqual([...assets].sort(), Object.keys(made).sort());
  await sql`update data_assets set retention_days = 10 where name = any (prunable_assets())`;
  const before: Record<string, number> = {};
  for (const [asset, values] of Object.entries(made)) {
    for (const days of [11, 9]) {
      await sql.unsafe(
        `insert into ${asset} ${
          values.replaceAll("AGE", `now() - interval '${days} days'`).replaceAll("N,", `${days},`).replaceAll(
            "'N'",
            `'${days}'`,
          )
        }`,
      );
    }
    before[asset] = (await sql.unsafe(`select count(*)::integer as count from ${asset}`))[0].count;
  }
  const [{ said }] = await sql`select prune_history() as said`;
  for (const asset of Object.keys(made)) {
    await t.step(asset, async () => {
      const [{ count }] = await sql.unsafe(`select count(*)::integer as count from ${asset}`);
      const acts = await sql`select target from audit_log where action = 'retention.delete'`;
      assert.equal(count - (asset === "audit_log" ? acts.length : 0), before[asset] - 1);
      const [entry, ...more] = await sql`
        select actor, details from audit_log where action = 'retention.delete' and target = ${asset}`;
      assert.deepEqual(more, []);
      assert.equal(entry.actor, "spool-retention");
      assert.equal(entry.details.rows, 1);
      assert.equal(entry.details.retention_days, 10);
      // a reading that was never stored is said to be gone
      assert.equal(entry.details.never_stored, asset === "dead_letters" ? 1 : undefined);
    });
  }
  assert.match(said, /1 of dead_letters \(1 of them never stored\)/);
  assert.equal((await sql`select prune_history() as said`)[0].said, "nothing was old enough");
  await assert.rejects(sql`select prune_asset('engines', now())`, { code: "22023" });
});

Deno.test("one call deletes a bounded number of rows, and the next goes on", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  await sql`
    insert into delivery_receipts (stream, request_id, digest, batch_id, received_at)
    select '', n, 'd', gen_random_uuid(), now() - interval '5 days' from generate_series(1, 60000) as n`;
  const said = async () => (await sql`select prune_history() as said`)[0].said;
  assert.equal(await said(), "deleted: 50000 of delivery_receipts");
  assert.equal(await said(), "deleted: 10000 of delivery_receipts");
  assert.equal(await said(), "nothing was old enough");
});

Deno.test("the worker is woken for a ready task, one whose wait is over, and an alert to deliver, and else left alone", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  await testPipeline(sql, [{ name: "a", kind: "queue" }]);
  const wake = async (time: Date) => (await sql`select wake_worker(${time}) as said`)[0].said;
  await sql`select vault.create_secret('http://127.0.0.1:1/', 'spool_worker_url')`;
  assert.match(await wake(TEN), /^not configured: Vault must have the secrets/);
  await sql`select vault.create_secret('k', 'spool_worker_key')`;
  assert.equal(await wake(TEN), "nothing to do");
  await tick(sql, TEN);
  assert.equal(await wake(TEN), "called");
  const [task] = await sql`select * from claim_task('w', '1 minute', ${TEN})`;
  assert.equal(await wake(TEN), "nothing to do");
  await sql`select fail_task(${task.task_run_id}, 1, 'w', 'x', true, ${TEN})`;
  await sql`update task_runs set next_attempt_at = ${at(0, 1)}`;
  assert.equal(await wake(TEN), "nothing to do");
  assert.equal(await wake(at(0, 1)), "called");
  await sql`select cancel_run(run_id) from task_runs`;
  assert.equal(await wake(at(0, 1)), "nothing to do");
  await sql`update alert_channels set active = true`;
  await sql`select observe_alerts('[{"kind": "k", "subject": "s", "failing": true, "summary": "s"}]', ${TEN})`;
  assert.equal(await wake(at(0, 2)), "called");
  const requests =
    await sql`select url, headers, convert_from(body, 'UTF8') as body from net.http_request_queue`;
  assert.equal(requests.length, 3);
  assert.deepEqual({ ...requests[0] }, {
    url: "http://127.0.0.1:1/",
    headers: { "content-type": "application/json", authorization: "Bearer k" },
    body: "{}",
  });
});

Deno.test("the pipeline hourly runs its tasks in order, hands alerts to the worker, and its status shows it", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  await standIns(sql);
  await sql`delete from pipelines where name <> 'hourly'`;
  await sql`update pipelines set next_logical_time = ${TEN}, catch_up = false`;
  const first = await sql`select pipeline, run_id, task, next_logical_time from pipeline_status`;
  assert.deepEqual(first.map((row) => ({ ...row })), [
    { pipeline: "hourly", run_id: null, task: null, next_logical_time: TEN },
  ]);
  const shown = async () =>
    (await sql`select task, kind, state, run_state from pipeline_status`)
      .map(({ task, kind, state, run_state }) => `${task} ${kind} ${state} ${run_state}`).sort();
  await tick(sql, TEN);
  assert.deepEqual(await shown(), [
    "alert_delivery queue ready running",
    "anomalies queue ready running",
    "health_report sql waiting running",
    "predictions queue ready running",
    "quality sql succeeded running",
    "retraining_check sql waiting running",
    "retraining_hook queue waiting running",
  ]);
  const called: string[] = [];
  const worker = async () => {
    const handlers = ["deliver_alerts", "score_anomalies", "predict_rul", "call_retraining_hook"];
    const begin = performance.now();
    await drainQueue(
      sql,
      Object.fromEntries(
        handlers.map((name) => [name, () => Promise.resolve(void called.push(name))]),
      ),
      { worker: "test", beginUntil: begin + 60_000, endAt: begin + 60_000, leaseMs: 60_000 },
    );
  };
  await worker();
  assert.deepEqual(called.splice(0).sort(), ["deliver_alerts", "predict_rul", "score_anomalies"]);
  await tick(sql, TEN);
  await worker();
  assert.deepEqual(called, ["call_retraining_hook"]);
  assert.ok((await shown()).every((row) => row.endsWith("succeeded succeeded")));
  const order =
    await sql`select task from task_attempts join task_runs on task_runs.id = task_run_id order by task_attempts.started_at`;
  assert.equal(order[0].task, "quality");
  assert.deepEqual(order.slice(-3).map(({ task }) => task), [
    "health_report",
    "retraining_check",
    "retraining_hook",
  ]);
});

/** The pipeline as installations have it that were made before readings were scored by the worker. */
async function olderPipeline(sql: postgres.Sql): Promise<void> {
  await sql`delete from pipeline_tasks where pipeline = 'hourly' and name in ('predictions', 'retraining_hook')`;
  await sql`delete from pipeline_task_dependencies where task = 'health_report' and depends_on = 'anomalies'`;
  await sql`
    create or replace function public.task_anomalies(as_of timestamptz) returns jsonb language sql as $$ select '{}'::jsonb $$`;
  await sql`
    update pipeline_tasks
    set kind = 'sql', handler = 'task_anomalies', max_attempts = 5, backoff_base = '1 minute', backoff_cap = '15 minutes',
      description = 'Looks for anomalies.'
    where pipeline = 'hourly' and name = 'anomalies'`;
}

Deno.test("an older installation's task anomalies becomes the worker's, and what somebody has changed of it stays", async () => {
  const seed = await Deno.readTextFile("sql/90_jobs/pipeline.sql");
  const everything = (sql: postgres.Sql) =>
    Promise.all([
      sql`select * from pipeline_tasks order by pipeline, name`,
      sql`select * from pipeline_task_dependencies order by 1, 2, 3`,
    ]).then((tables) => tables.map((rows) => rows.map((row) => ({ ...row }))));
  await using db = await testDatabase();
  const { sql } = db;
  const now = await everything(sql);
  await olderPipeline(sql);
  await sql.unsafe(seed);
  assert.deepEqual(await everything(sql), now);

  await olderPipeline(sql);
  await sql`
    update pipeline_tasks set max_attempts = 2, timeout = '3 minutes', backoff_cap = '1 hour', description = 'Ours.'
    where name = 'anomalies'`;
  await sql.unsafe(seed);
  const [changed] = await sql`
    select kind, handler, max_attempts, timeout::text, backoff_base::text, backoff_cap::text, description
    from pipeline_tasks where name = 'anomalies'`;
  assert.deepEqual({ ...changed }, {
    kind: "queue",
    handler: "score_anomalies",
    max_attempts: 2,
    timeout: "00:03:00",
    backoff_base: "00:01:00",
    backoff_cap: "01:00:00",
    description: "Ours.",
  });

  await olderPipeline(sql);
  await sql`
    create function public.our_detector(as_of timestamptz) returns jsonb language sql as $$ select '{}'::jsonb $$`;
  await sql`update pipeline_tasks set handler = 'our_detector' where name = 'anomalies'`;
  await sql.unsafe(seed);
  const [own] = await sql`select kind, handler, max_attempts from pipeline_tasks where name = 'anomalies'`;
  assert.deepEqual({ ...own }, { kind: "sql", handler: "our_detector", max_attempts: 5 });
});

Deno.test("the pipeline daily archives what is over and reads it back; without a lake it says so and succeeds", async () => {
  await using home = await lakeFolder();
  for (const lake of [home.lake, undefined]) {
    await using db = await testDatabase();
    const { sql } = db;
    await storeReadings(sql, [{ engine: "A", cycle: 1, timestamp: "2023-12-31T12:00:00Z" }, {
      engine: "A",
      cycle: 2,
      timestamp: TEN.toISOString(), // this day is not over
    }]);
    await sql`delete from pipelines where name <> 'daily'`;
    await sql`update pipelines set next_logical_time = ${TEN}, catch_up = false`;
    await tick(sql, TEN);
    const begin = performance.now();
    const counts = await drainQueue(sql, taskHandlers(sql, { channels: {}, lake, lineage: undefined }), {
      worker: "test",
      beginUntil: begin + 60_000,
      endAt: begin + 60_000,
      leaseMs: 60_000,
    });
    assert.deepEqual(counts, { succeeded: 3, failed: 0, lost: 0 });
    const rows = await sql`
      select task, result from task_runs where task in (select name from pipeline_tasks where kind = 'queue') order by id`;
    const results = Object.fromEntries(rows.map(({ task, result }) => [task, result]));
    if (lake === undefined) {
      const none = { lake: "not configured" };
      assert.deepEqual(results, { archive: none, report: none, verify_lake: none });
    } else {
      assert.equal(results.archive.written, 1);
      const [{ listed }] = await sql`select count(*)::integer as listed from lake_objects`;
      assert.equal(results.verify_lake.verified, listed);
    }
  }
});
