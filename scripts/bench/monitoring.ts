/**
 * Benchmark of what monitoring asks: service_metrics and service_levels over ninety days of history, beside adding up all
 * batches, which is how the counters would be made without intake_counters.
 *
 * Hypothesis: both answer within 200 ms, whatever the history, because they read counters, the last run and what is open;
 * ten million readings came with the batches, and none of them is read.
 */

import type postgres from "postgres";
import { milliseconds, ratios, type Spread, spread } from "./measure.ts";
import { scratchDatabase } from "./scratch.ts";

export interface MonitoringBenchOptions {
  readonly engines: number;
  /** Batches of ninety days, ten readings each. */
  readonly batches: number;
  readonly pairs: number;
}

export interface MonitoringBenchResult {
  readonly options: MonitoringBenchOptions;
  /** All of them ms. */
  readonly metrics: Spread;
  readonly levelsOfDay: Spread;
  readonly levelsOfNinetyDays: Spread;
  readonly sumOfBatches: Spread;
  /** Time of service_metrics relative to adding up all batches. */
  readonly metricsToSum: Spread;
}

/** Ninety days in which every table that monitoring looks at has as much as it would have by then. */
async function writeHistory(sql: postgres.Sql, { engines, batches }: MonitoringBenchOptions): Promise<void> {
  await sql`
    insert into engines (unit_number) select 'ENGINE_' || lpad(n::text, 5, '0') from generate_series(1, ${engines}) as n`;
  await sql`
    insert into batches (id, source, received, accepted, duplicates, rejected, received_at, newest_timestamp, processing)
    select
      gen_random_uuid(), (array['ingest', 'kinesis', 'load'])[1 + n % 3], 10, 9, 1, 0, at, at - interval '20 seconds',
      interval '5 milliseconds' * (1 + n % 40)
    from generate_series(1, ${batches}) as n
    cross join lateral (select now() - n * interval '90 days' / ${batches} as at) as moment`;
  await sql`
    insert into heartbeats
    select minute from generate_series(date_trunc('minute', now()) - interval '90 days', now(), interval '1 minute') as minute`;
  await sql`
    insert into check_runs (window_start, as_of, started_at, finished_at)
    select at - interval '24 hours', at, at, at + interval '2 seconds'
    from generate_series(date_trunc('hour', now()) - interval '90 days', now(), interval '1 hour') as at`;
  // of each run 60 verdicts on the table; on every engine those of the last two days, as many before as fail
  await sql`
    insert into data_quality_metrics (
      table_name, metric_name, column_name, run_id, check_timestamp, status, metric_value, rows_checked, evidence
    )
    select 'sensor_data', judged.metric, judged."column", id, as_of, 'pass', 1, 1000, '{"expected": 100, "missed": 0, "broken": 0}'
    from check_runs
    cross join (
      select 'completeness' as metric, null as "column"
      union all select 'schema', null
      union all select 'range', unnest(value_columns())
      union all select 'nulls', unnest(value_columns())
      union all select 'drift', 's' || generate_series(1, 24)
    ) as judged`;
  await sql`
    insert into data_quality_metrics (
      table_name, metric_name, engine_id, run_id, check_timestamp, status, metric_value, rows_checked
    )
    select 'sensor_data', 'completeness', engines.id, check_runs.id, as_of, 'pass', 1, 24
    from check_runs
    join engines on as_of > now() - interval '2 days' or unit_number < 'ENGINE_00100'`;
  await sql`
    insert into alerts (
      kind, subject, severity, state, summary, opened_at, last_seen_at, last_observed_at, resolved_at, resolved_by
    )
    select 'k', n::text, 'warning', 'resolved', 's', at, at, at, at, 'spool'
    from generate_series(1, 20000) as n
    cross join lateral (select now() - n * interval '90 days' / 20000 as at) as moment`;
  await sql`
    insert into alert_events (alert_id, number, event, at, actor, severity, summary, evidence, held_back)
    select id, number, case number when 1 then 'opened' else 'resolved' end, opened_at, 'spool', 'warning', 's', '{}', false
    from alerts cross join generate_series(1, 2) as number`;
  await sql`
    insert into alert_deliveries (alert_id, event_number, channel, next_attempt_at, state, sent_at)
    select alert_id, number, 'sns', at, 'sent', at from alert_events`;
  await sql`
    insert into dead_letters (batch_id, source, position, payload, payload_digest, path, reason)
    select gen_random_uuid(), 'ingest', 0, '{}', n::text, 's11', 'no' from generate_series(1, 20000) as n`;
  await sql`
    insert into pipeline_runs (pipeline, logical_time, state, trigger, started_at, finished_at)
    select 'hourly', as_of, 'succeeded', 'schedule', as_of, finished_at from check_runs`;
  await sql`
    insert into task_runs (run_id, pipeline, task, state, attempt, finished_at)
    select runs.id, 'hourly', tasks.name, 'succeeded', 1, runs.finished_at
    from pipeline_runs as runs join pipeline_tasks as tasks on tasks.pipeline = runs.pipeline`;
  await sql`insert into unscored_readings (engine_id, times) select id, '{(,)}' from engines`;
  // the counters that ten minutes of each hour have left
  for (const minutes of [130_000, 1450, 1440, 11]) {
    await sql`select count_intake(now() - ${minutes}::int * interval '1 minute')`;
  }
  await sql`
    insert into intake_counters
    select until - n * interval '10 minutes', source, 0, 0, 0, 0, 0, array_fill(0, array[17]), 0, array_fill(0, array[12]), until
    from (select distinct on (source) * from intake_counters order by source, until) as first
    cross join generate_series(1, 12000) as n
    on conflict do nothing`;
  await sql`vacuum (analyze)`;
}

/** Runs the benchmark on a Postgres of its own. */
export async function benchMonitoring(
  options: MonitoringBenchOptions,
  progress: (line: string) => void,
): Promise<MonitoringBenchResult> {
  await using database = await scratchDatabase(1);
  const { sql } = database;
  await writeHistory(sql, options);
  const taken = { metrics: [], day: [], ninety: [], sum: [] } as Record<string, number[]>;
  const ways = {
    metrics: () => sql`select service_metrics()`,
    day: () => sql`select * from service_levels(now() - interval '24 hours')`,
    ninety: () => sql`select * from service_levels(now() - interval '90 days')`,
    sum: () => sql`select source, sum(accepted), sum(duplicates), sum(rejected) from batches group by source`,
  };
  for (let pair = 0; pair <= options.pairs; pair++) {
    for (const [name, way] of Object.entries(ways)) {
      const ms = await milliseconds(way);
      if (pair > 0) taken[name].push(ms); // the first warms up
    }
    if (pair > 0) progress(`pair ${pair}: service_metrics ${taken.metrics.at(-1)!.toFixed(1)} ms`);
  }
  return {
    options,
    metrics: spread(taken.metrics),
    levelsOfDay: spread(taken.day),
    levelsOfNinetyDays: spread(taken.ninety),
    sumOfBatches: spread(taken.sum),
    metricsToSum: ratios(taken.metrics, taken.sum),
  };
}
