-- Opens an alert of the kind lake_object for each object of the lake that is not as it is listed, and resolves those
-- about objects that are in order again, or listed no more.
--
--   since    objects that were found in order since then are observed, too
--   as_of    the present moment
--   returns  what observe_alerts() did
--
--   select observe_lake_objects(since => now() - interval '1 hour');
create or replace function public.observe_lake_objects(since timestamptz, as_of timestamptz default now())
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$
  select public.observe_alerts(coalesce(jsonb_agg(to_jsonb(observation)), '[]'), as_of)
  from (
    select
      'lake_object' as kind,
      left(objects.key, 300) as subject, -- an alert's subject is no longer; Spool's own keys are much shorter
      objects.fault is not null as failing,
      'fail' as severity,
      format('Object %s of the lake is not as it was written: %s', objects.key, objects.fault) as summary,
      jsonb_build_object(
        'key', objects.key, 'kind', objects.kind, 'day', objects.day, 'bytes', objects.bytes,
        'sha256', objects.sha256, 'row_count', objects.row_count, 'written_at', objects.written_at,
        'fault', objects.fault
      ) as evidence
    from public.lake_objects as objects
    where objects.fault is not null or objects.verified_at >= since
    union all
    select 'lake_object', alerts.subject, false, null, null, null
    from public.alerts
    where alerts.kind = 'lake_object'
      and alerts.subject <> '*'
      and alerts.resolved_at is null
      and not exists (select from public.lake_objects as objects where left(objects.key, 300) = alerts.subject)
  ) as observation;
$$;

comment on function public.observe_lake_objects(timestamptz, timestamptz) is
  'Opens alerts about objects of the lake that are not as they are listed, and resolves those that are again.';
