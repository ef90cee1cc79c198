/** A project with something to look after: verdicts, runs of pipelines, alerts, dead letters, a lake. */

import assert from "node:assert/strict";
import type postgres from "postgres";
import { LOCAL_KEYS } from "../../scripts/local/data_api.ts";
import { runChecks } from "../../shared/checks.ts";
import { flownFleet } from "./flown_fleet.ts";
import { reading } from "./readings.ts";

const HOUR_MS = 3_600_000;

/** How often the checks have run. */
const RUNS_OF_CHECKS = 4;

/** Runs of the pipeline `hourly` before this hour; in the latest a task has failed after three attempts. */
const RUNS_OF_PIPELINE = 12;

async function checks(sql: postgres.Sql): Promise<void> {
  for (let ago = RUNS_OF_CHECKS - 1; ago >= 0; ago--) {
    await runChecks(sql, 24, new Date(Date.now() - ago * HOUR_MS).toISOString());
  }
}

/** Comparisons that a run of the checks makes of engines with a longer baseline than these have. */
async function drift(sql: postgres.Sql): Promise<void> {
  await sql`
    insert into sensor_drift (engine_id, column_name, verdict, ks_statistic, p_value, q_value, mean_shift, wear_shift, wear,
      baseline_readings, window_readings, as_of)
    select id, sensor.name, sensor.verdict, abs(sensor.shift) / 8, 0.0001, 0.0002, sensor.shift, sensor.by_wear, 0.5, 100, 24, now()
    from engines
    cross join (values
      ('s11', 'drift', -4.0, 1.0), ('s2', 'drift', 2.0, 0.5), ('s4', 'degradation', 3.0, 2.9), ('s3', 'stable', 0.4, 0.4)
    ) as sensor (name, verdict, shift, by_wear)
    where unit_number in ('DRIFTS', 'WORN')
    on conflict (engine_id, column_name) do update set (verdict, ks_statistic, p_value, q_value, mean_shift, wear_shift, wear,
      baseline_readings, window_readings, as_of) = (excluded.verdict, excluded.ks_statistic, excluded.p_value,
      excluded.q_value, excluded.mean_shift, excluded.wear_shift, excluded.wear, excluded.baseline_readings,
      excluded.window_readings, excluded.as_of)`;
}

/** What ran while nobody looked. Nothing new is scheduled, so that a test knows all of it. */
async function runsOfHourly(sql: postgres.Sql): Promise<void> {
  await sql`update pipelines set active = false`;
  await sql`delete from pipeline_runs where pipeline = 'hourly'`;
  await sql`
    with made as (
      insert into pipeline_runs (pipeline, logical_time, state, trigger, created_at, started_at, finished_at, sla_due_at)
      select 'hourly', at, case when place = 0 then 'failed' else 'succeeded' end, 'schedule', at, at,
        at + interval '95 seconds' + place * interval '3 seconds', at + interval '30 minutes'
      from (
        select place, pipelines.next_logical_time - interval '1 day' - place * interval '1 hour' as at
        from generate_series(${
    RUNS_OF_PIPELINE - 1
  }::integer, 0, -1) as place, pipelines where name = 'hourly'
      ) as hours
      order by at
      returning *
    ),
    ordered (task, begins, seconds) as (
      values ('quality', 1, 22), ('anomalies', 23, 14), ('predictions', 23, 31), ('alert_delivery', 23, 2),
        ('health_report', 54, 8), ('retraining_check', 62, 1), ('retraining_hook', 63, 0.4)
    ),
    tasks as (
      insert into task_runs (run_id, pipeline, task, state, attempt, ready_at, started_at, finished_at, error)
      select made.id, 'hourly', task, outcome.state, case outcome.state when 'skipped' then 0 when 'failed' then 3 else 1 end,
        made.started_at,
        case when outcome.state <> 'skipped' then made.started_at + begins * interval '1 second' end,
        made.started_at + (begins + seconds) * interval '1 second',
        case outcome.state when 'failed' then 'The prediction server did not answer within 30 s' end
      from made
      cross join ordered
      cross join lateral (
        select case
          when made.state = 'succeeded' or task in ('quality', 'anomalies', 'alert_delivery') then 'succeeded'
          when task = 'predictions' then 'failed'
          else 'skipped'
        end as state
      ) as outcome
      order by made.id, begins
      returning *
    )
    insert into task_attempts (task_run_id, attempt, executor, started_at, finished_at, outcome, transient, error)
    select tasks.id, number, 'worker 1', started_at, finished_at, case state when 'succeeded' then state else 'failed' end,
      case when state = 'failed' then number < 3 end, error
    from tasks
    cross join lateral generate_series(1, attempt) as number`;
}

async function deadLetters(url: string): Promise<void> {
  const response = await fetch(`${url}/functions/v1/ingest`, {
    method: "POST",
    headers: { authorization: `Bearer ${LOCAL_KEYS.ingest}`, "content-type": "application/json" },
    body: JSON.stringify([
      { ...reading({ engine_id: "CALM", cycle: 201 }), s2: "hot" },
      { ...reading({ engine_id: "CALM", cycle: 202 }), timestamp: "yesterday" },
      { ...reading({ engine_id: "no such name!", cycle: 1 }) },
    ]),
  });
  assert.equal((await response.json()).rejected, 3);
}

/** Objects as the archive lists them: one read back, one found to be another, one that nobody has looked at. */
async function lake(sql: postgres.Sql): Promise<void> {
  await sql`
    insert into lake_objects (key, kind, day, day_version, row_count, row_digest, bytes, sha256, verified_at, fault)
    select
      format('processed/year=2024/month=%s/day=%s/sensor_data.parquet', to_char(day, 'MM'), to_char(day, 'DD')),
      'sensor_data', day, 1, 14400, repeat('0', 32), 250000 + extract(day from day)::integer * 137, repeat('a', 64),
      case when day < '2024-02-20' then timestamptz '2024-03-01 02:10:00+00' end,
      case when day = '2024-02-05' then 'its content has another SHA-256 than its listing' end
    from generate_series(date '2024-01-28', date '2024-02-21', interval '1 day') as day
    union all
    select 'quality/reports/2024-02-20.json', 'report', '2024-02-20', null, null, null, 4096, repeat('b', 64), null, null
    on conflict do nothing`;
}

/**
 * The flown fleet, with
 * - four hourly runs of the checks, and the alerts that they have opened
 * - drift of two sensors of DRIFTS and of WORN
 * - twelve runs of the pipeline hourly, the latest of them failed; nothing is scheduled any more
 * - three dead letters of the function ingest
 * - a lake with one object that is faulty
 *
 * @param url Where the system is.
 */
export async function tendedProject(sql: postgres.Sql, url: string): Promise<void> {
  await flownFleet(sql);
  await deadLetters(url);
  await checks(sql);
  await drift(sql);
  await runsOfHourly(sql);
  await lake(sql);
}
