-- What monitoring asks for, as of now, in one answer: samples for /quality/prometheus, which knows what each family means.
--
-- It reads counters, the last run of the checks, what is open, and the catalog, never sensor_data, so that it can be asked
-- every few seconds. Sources, checks, columns, jobs and pipelines are labels; engines are not, as there may be ten thousand.
--
--   as_of    the present moment
--   returns  an array of {"family", "suffix", "labels", "value"}; suffix is bucket, sum, count or empty. What has no value,
--            such as the age of a model where there is none, has no sample
--   raises   42501 to whoever may not read all that it looks at
--
--   select jsonb_array_length(service_metrics());
create or replace function public.service_metrics(as_of timestamptz default now())
returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
set jit = off
as $$
begin
  perform public.require_readable(array[
    'alert_deliveries', 'alerts', 'anomaly_episodes', 'batches', 'check_runs', 'data_quality_metrics', 'dead_letters', 'engines',
    'heartbeats', 'intake_counters', 'jobs', 'lake_objects', 'lineage_forwards', 'models', 'pipeline_runs', 'pipeline_tasks',
    'pipelines', 'sensor_data_days', 'task_runs', 'unscored_readings'
  ]);
  return (
    select coalesce(
      jsonb_agg(
        jsonb_build_object('family', family, 'suffix', suffix, 'labels', labels, 'value', value)
        -- the samples of one histogram must stand together, its buckets in order
        order by family, labels - 'le', suffix, place, labels
      ),
      '[]'
    )
    from (
      select family, suffix, labels, value, place from public.intake_samples(as_of)
      union all
      select family, '', labels, value, 0 from public.data_samples(as_of)
      union all
      select family, '', labels, value, 0 from public.operation_samples(as_of)
    ) as sample
    where value is not null
  );
end;
$$;

comment on function public.service_metrics(timestamptz) is
  'Samples for monitoring: intake, checks, jobs, pipelines, lake, alerts, models and database, in one answer; reads no readings.';
