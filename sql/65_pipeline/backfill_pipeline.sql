-- Makes the runs of every logical time from from_time to to_time, both included, that has none. They run oldest first,
-- after the scheduled ones.
--
--   returns  how many it made
--   raises   22023 for a pipeline that does not exist, for times that are null, in the wrong order or in the future,
--            and for more than 10,000 periods: that many hourly runs are more than a year
--
--   select backfill_pipeline('hourly', '2024-01-01 00:00+00', '2024-01-08 00:00+00');
create or replace function public.backfill_pipeline(
  pipeline text,
  from_time timestamptz,
  to_time timestamptz,
  as_of timestamptz default now()
)
returns integer
language plpgsql
security invoker
set search_path = ''
as $$
declare
  period_seconds numeric;
  known_time timestamptz;
  first_place bigint;
  last_place bigint;
  made integer;
begin
  select extract(epoch from pipelines.period), pipelines.next_logical_time
  into period_seconds, known_time
  from public.pipelines
  where pipelines.name = backfill_pipeline.pipeline;
  if not found then
    raise exception 'Cannot backfill as pipeline must be the name of one: current value is %', backfill_pipeline.pipeline
      using errcode = '22023';
  end if;
  if not coalesce(isfinite(from_time) and isfinite(to_time) and from_time <= to_time and to_time <= as_of, false) then
    raise exception 'Cannot backfill as from_time and to_time must be past moments in this order: current value is % to %',
      from_time, to_time
      using errcode = '22023';
  end if;
  -- periods are counted from a known logical time: backwards too, so that places may be negative
  first_place := ceil(extract(epoch from from_time - known_time) / period_seconds);
  last_place := floor(extract(epoch from to_time - known_time) / period_seconds);
  if last_place - first_place >= 10000 then
    raise exception 'Cannot backfill as there must be at most 10000 periods: current value is %', last_place - first_place + 1
      using errcode = '22023';
  end if;
  select count(public.make_pipeline_run(
    backfill_pipeline.pipeline,
    known_time + make_interval(secs => (place * period_seconds)::double precision),
    'backfill'
  ))
  into made
  from generate_series(first_place, last_place) as place;
  perform public.record_audit(
    'pipeline.backfill',
    backfill_pipeline.pipeline,
    jsonb_build_object('from_time', from_time, 'to_time', to_time, 'runs', made)
  );
  return made;
end;
$$;

comment on function public.backfill_pipeline(text, timestamptz, timestamptz, timestamptz) is
  'Makes the runs of every past logical time in a range that has none; returns how many.';
