-- Makes the runs that are due: those of every period that has ended since the last one (catch_up), or of the latest
-- period only. next_logical_time remembers how far it came, so that pruned history is not taken for missed runs.
--
--   as_of    the present moment
--   returns  how many runs it made
--
--   select schedule_pipeline_runs('2024-01-01 10:00+00');
create or replace function public.schedule_pipeline_runs(as_of timestamptz default now())
returns integer
language plpgsql
security invoker
set search_path = ''
as $$
declare
  due record;
  place integer;
  made integer := 0;
begin
  for due in
    select
      pipelines.name,
      pipelines.next_logical_time as first_time,
      pipelines.catch_up,
      -- hours and not days, as a day of the session's time zone may have 23 hours
      make_interval(secs => extract(epoch from pipelines.period)::double precision) as period,
      floor(
        extract(epoch from as_of - pipelines.next_logical_time) / extract(epoch from pipelines.period)
      )::integer as last_place
    from public.pipelines
    where pipelines.active and pipelines.next_logical_time <= as_of
    order by pipelines.name
    for update
  loop
    for place in case when due.catch_up then 0 else due.last_place end..due.last_place loop
      if public.make_pipeline_run(
        due.name,
        due.first_time + place * due.period,
        case when place = due.last_place then 'schedule' else 'catch_up' end
      ) is not null then
        made := made + 1;
      end if;
    end loop;
    update public.pipelines
    set next_logical_time = due.first_time + (due.last_place + 1) * due.period
    where pipelines.name = due.name;
  end loop;
  return made;
end;
$$;

comment on function public.schedule_pipeline_runs(timestamptz) is
  'Makes the runs that are due at a moment: all that were missed where the pipeline catches up, else the latest; returns how many.';
