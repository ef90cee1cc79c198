/** Verdicts to test what reads them, without running the checks. */

import type postgres from "postgres";

/** A verdict; what is not given is an ordinary pass of the whole table, now. */
export interface Verdict {
  readonly metric: string;
  readonly column?: string;
  /** unit_number */
  readonly engine?: string;
  readonly status?: "pass" | "warning" | "fail" | "not_evaluated";
  readonly value?: number | null;
  readonly min?: number | null;
  readonly max?: number | null;
  readonly rows?: number;
  readonly evidence?: Record<string, unknown>;
}

/**
 * Writes a run of the checks with its verdicts.
 *
 * @param hoursAgo Age of the moment it is about.
 * @returns Its id.
 */
export async function recordRun(
  sql: postgres.Sql,
  hoursAgo: number,
  verdicts: readonly Verdict[],
): Promise<number> {
  const rows = verdicts.map((
    { status = "pass", value = status === "not_evaluated" ? null : 1, ...rest },
    position,
  ) => ({
    position,
    min: null,
    max: null,
    rows: 10,
    evidence: {},
    ...rest,
    status,
    value,
  }));
  const [{ id }] = await sql<{ id: number }[]>`
    insert into public.check_runs (window_start, as_of, finished_at)
    select at - interval '24 hours', at, at from (select now() - make_interval(hours => ${hoursAgo})) as run (at)
    returning id::float8`;
  await sql`
    insert into public.data_quality_metrics (
      run_id, table_name, metric_name, column_name, engine_id, status, metric_value, threshold_min, threshold_max,
      rows_checked, check_timestamp, evidence
    )
    select
      check_runs.id, 'sensor_data', metric, "column", engines.id, verdict.status, value, min, max, rows, as_of, evidence
    from public.check_runs
    cross join json_to_recordset(${JSON.stringify(rows)}::text::json) as verdict (
      position integer, metric text, "column" text, engine text, status text, value double precision, min double precision,
      max double precision, rows bigint, evidence jsonb
    )
    left join public.engines on engines.unit_number = verdict.engine
    where check_runs.id = ${id}
    order by position`;
  return id;
}

/** What run_checks does as far as its callers can tell, where a database does not have it. */
export async function standInRunChecks(sql: postgres.Sql): Promise<void> {
  const [{ missing }] = await sql`
    select to_regprocedure('public.run_checks(interval, timestamptz)') is null as missing`;
  if (!missing) return;
  await sql.unsafe(`
    create function public.run_checks(check_window interval default '24 hours', as_of timestamptz default now())
    returns setof public.data_quality_metrics language sql as $$
      with run as (
        insert into public.check_runs (window_start, as_of, finished_at, passed)
        values (date_trunc('hour', as_of - check_window), as_of, clock_timestamp(), 1)
        on conflict (as_of, window_start) do update set finished_at = excluded.finished_at
        returning *
      )
      insert into public.data_quality_metrics (
        run_id, table_name, metric_name, metric_value, threshold_min, status, check_timestamp, rows_checked
      )
      select
        run.id, 'sensor_data', 'volume', count(sensor_data.cycle), 1,
        case when count(sensor_data.cycle) > 0 then 'pass' else 'fail' end, run.as_of, count(sensor_data.cycle)
      from run
      left join public.sensor_data on "timestamp" >= window_start and "timestamp" <= run.as_of
      group by run.id, run.as_of
      returning *
    $$`);
}
