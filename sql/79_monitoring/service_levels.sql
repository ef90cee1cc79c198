-- The service levels of the product, measured over a stretch of time, each with its target and its evidence. What was not
-- measured has no value and says why: never a default.
--
-- Nothing here reads sensor_data. Completeness, accuracy, schema and lineage are what the runs of the checks found; where
-- their windows overlap, those are taken that follow each other, the latest first, so that no reading counts twice.
--
--   since, until  the stretch of time (since excluded, until included)
--   returns       one row per measure; status is met, missed or not_measured. value and target are in unit; a value
--                 meets its target when "value operator target" holds
--   raises        22023 when since is not before until, or a moment is infinite; 42501 to whoever may not read all that it
--                 looks at
--
--   select measure, status, value, operator, target, unit, reason from service_levels(now() - interval '7 days');
create or replace function public.service_levels(
  since timestamptz default now() - interval '24 hours',
  until timestamptz default now()
)
returns table (
  measure text,
  status text,
  value double precision,
  operator text,
  target double precision,
  unit text,
  reason text,
  evidence jsonb
)
language plpgsql
stable
security invoker
set search_path = ''
set jit = off
as $$
#variable_conflict use_column
begin
  perform public.require_readable(array[
    'alert_deliveries', 'alert_events', 'alerts', 'batches', 'check_runs', 'data_quality_metrics', 'heartbeats', 'intake_counters',
    'model_settings', 'models', 'pipeline_runs', 'pipeline_tasks', 'task_runs'
  ]);
  if since is null or until is null or not isfinite(since) or not isfinite(until) or since >= until then
    raise exception 'Cannot measure the service levels as since must be a moment before until: current value is %',
      coalesce(since::text, 'null')
      using errcode = '22023';
  end if;
  return query
  select
    levels.measure,
    case
      when found.is_broken then 'missed'
      when found.value is null then 'not_measured'
      when case levels.operator
        when '>' then found.value > levels.target
        when '<' then found.value < levels.target
        else found.value >= levels.target
      end then 'met'
      else 'missed'
    end,
    found.value,
    levels.operator,
    levels.target,
    levels.unit,
    case when found.value is null then found.reason end,
    coalesce(found.evidence, '{}')
  from (
    values
      (1, 'completeness', '>', 0.98::double precision, 'ratio'),
      (2, 'accuracy', '>', 0.99, 'ratio'),
      (3, 'schema_compliance', '>=', 1, 'ratio'),
      (4, 'anomaly_detection_accuracy', '>', 0.9, 'ratio'),
      (5, 'ingestion_latency', '<', 300, 'seconds'),
      (6, 'check_duration', '<', 600, 'seconds'),
      (7, 'availability', '>', 0.995, 'ratio'),
      (8, 'recovery', '<', 900, 'seconds'),
      (9, 'alert_response', '<', 300, 'seconds'),
      (10, 'lineage', '>=', 1, 'ratio')
  ) as levels (place, measure, operator, target, unit)
  left join (
    select * from public.data_service_levels(since, until)
    union all
    select * from public.detection_service_level()
    union all
    select * from public.operation_service_levels(since, until)
  ) as found on found.measure = levels.measure
  order by levels.place;
end;
$$;

comment on function public.service_levels(timestamptz, timestamptz) is
  'The service levels of the product over a stretch of time, each with target, value, status and evidence; what was not measured says why.';
