-- Says how each check stands: its latest verdict in a stretch of time, with its evidence, how often it has passed,
-- warned, failed and not been evaluated in that time, and since when it has been in that state. A check that has an
-- expectation but no verdict in that time is not_evaluated: silence must not look like a pass.
--
-- Arguments: since (excluded) and until (included), moments the verdicts are about.
-- Returns: one row per check of the whole table; verdicts on single engines are counted in engines_failing.
-- Errors: none of its own.
--
--   select * from quality_summary_between(now() - interval '7 days') where status <> 'pass';
create or replace function public.quality_summary_between(
  since timestamptz default now() - interval '24 hours',
  until timestamptz default now()
)
returns table (
  table_name text,
  metric_name text,
  column_name text,
  status text,
  metric_value double precision,
  threshold_min double precision,
  threshold_max double precision,
  rows_checked bigint,
  check_timestamp timestamptz,
  state_since timestamptz,
  engines_failing integer,
  runs_passed integer,
  runs_warned integer,
  runs_failed integer,
  runs_not_evaluated integer,
  evidence jsonb
)
language sql
stable
security invoker
set search_path = ''
as $$
  with verdicts as (
    select
      metrics.*,
      coalesce(metrics.column_name, '') as column_key,
      -- of each metric the newest run in which it was: what earlier ones said of columns that it has no rule for any
      -- more, or of having nothing to look at, is past
      first_value(metrics.run_id) over (
        partition by metrics.table_name, metrics.metric_name
        order by metrics.run_id is null, metrics.check_timestamp desc, metrics.run_id desc
      ) as newest_run
    from public.data_quality_metrics as metrics
    where metrics.engine_id is null
      and metrics.check_timestamp > since
      and metrics.check_timestamp <= until
  ),
  -- kinds whose rules are all switched off are not checked any more; found once, as each look at the rules takes
  -- milliseconds
  switched_off as materialized (
    select kind from public.expectations
    except
    select kind from public.effective_expectations
  ),
  latest as materialized (
    select distinct on (verdicts.table_name, verdicts.metric_name, verdicts.column_key) verdicts.*
    from verdicts
    where (verdicts.run_id is null or verdicts.run_id = verdicts.newest_run)
      and verdicts.metric_name not in (select kind from switched_off)
    order by
      verdicts.table_name, verdicts.metric_name, verdicts.column_key, verdicts.check_timestamp desc, verdicts.id desc
  ),
  counts as (
    select
      verdicts.table_name,
      verdicts.metric_name,
      verdicts.column_key,
      (count(*) filter (where verdicts.status = 'pass'))::integer as passed,
      (count(*) filter (where verdicts.status = 'warning'))::integer as warned,
      (count(*) filter (where verdicts.status = 'fail'))::integer as failed,
      (count(*) filter (where verdicts.status = 'not_evaluated'))::integer as not_evaluated
    from verdicts
    group by verdicts.table_name, verdicts.metric_name, verdicts.column_key
  ),
  -- engines that fail, by check, of the runs of the latest verdicts
  failing as materialized (
    select
      metrics.run_id,
      metrics.metric_name,
      coalesce(metrics.column_name, '') as column_key,
      count(distinct metrics.engine_id)::integer as engines
    from public.data_quality_metrics as metrics
    where metrics.run_id = any (array(select distinct latest.run_id from latest where latest.run_id is not null))
      and metrics.engine_id is not null
      and metrics.status in ('warning', 'fail')
    group by metrics.run_id, metrics.metric_name, coalesce(metrics.column_name, '')
  ),
  -- rules of stored readings only: those of files are the loader's
  unjudged as (
    select distinct expectations.kind, expectations.column_name
    from public.expectations
    where expectations.active
      and expectations.kind in (
        'types', 'nulls', 'range', 'cycles', 'duplicates', 'completeness', 'freshness', 'volume', 'schema',
        'conditions', 'clock', 'stuck', 'rejected', 'drift', 'fleet_drift', 'degradation', 'arrival',
        'copies', 'spikes', 'levels'
      )
      and not exists (
        select
        from latest
        where latest.metric_name = expectations.kind
          and (
            expectations.column_name is null
            or latest.column_name is null
            or latest.column_name = expectations.column_name
          )
      )
  )
  select
    latest.table_name,
    latest.metric_name,
    latest.column_name,
    latest.status,
    latest.metric_value,
    latest.threshold_min,
    latest.threshold_max,
    latest.rows_checked,
    latest.check_timestamp,
    first_of_state.at,
    -- a verdict on one column says itself how many engines fail it: an engine's verdict is on all its columns
    case jsonb_typeof(latest.evidence -> 'broken_engines')
      when 'number' then coalesce(latest.evidence ->> 'failing_count', latest.evidence ->> 'broken_engines')::integer
      else coalesce(failing.engines, 0)
    end,
    counts.passed,
    counts.warned,
    counts.failed,
    counts.not_evaluated,
    latest.evidence
  from latest
  join counts using (table_name, metric_name, column_key)
  -- the last verdict that was another one, however long ago, and the first one after it
  cross join lateral (
    select max(earlier.check_timestamp) as at
    from public.data_quality_metrics as earlier
    where earlier.engine_id is null
      and earlier.table_name = latest.table_name
      and earlier.metric_name = latest.metric_name
      and coalesce(earlier.column_name, '') = latest.column_key
      and earlier.check_timestamp < latest.check_timestamp
      and earlier.status <> latest.status
  ) as last_other
  cross join lateral (
    select min(same.check_timestamp) as at
    from public.data_quality_metrics as same
    where same.engine_id is null
      and same.table_name = latest.table_name
      and same.metric_name = latest.metric_name
      and coalesce(same.column_name, '') = latest.column_key
      and same.check_timestamp > coalesce(last_other.at, '-infinity')
      and same.check_timestamp <= latest.check_timestamp
      and same.status = latest.status
  ) as first_of_state
  left join failing using (run_id, metric_name, column_key)
  union all
  select
    'sensor_data',
    unjudged.kind,
    unjudged.column_name,
    'not_evaluated',
    null,
    null,
    null,
    null,
    null,
    before.at,
    0,
    0,
    0,
    0,
    0,
    jsonb_build_object('reason', 'No run in this time has judged it', 'last_judged_at', before.at)
  from unjudged
  cross join lateral (
    select max(metrics.check_timestamp) as at
    from public.data_quality_metrics as metrics
    where metrics.engine_id is null
      and metrics.metric_name = unjudged.kind
      and (
        unjudged.column_name is null or metrics.column_name is null or metrics.column_name = unjudged.column_name
      )
      and metrics.check_timestamp <= since
  ) as before
  order by 1, 2, 3 nulls first
$$;

comment on function public.quality_summary_between(timestamptz, timestamptz) is
  'Latest verdict of each check in a stretch of time, with evidence, counts of verdicts, and since when it stands; checks without a verdict in that time are not_evaluated. Without arguments: the last 24 hours.';
