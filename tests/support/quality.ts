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
