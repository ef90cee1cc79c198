-- Uniqueness of (engine, cycle). The primary key also holds the timestamp, so the same cycle at another time is stored
-- and has to be found here: among all readings of the engine, not only among those of the window.
--
--   check_window, as_of   the window ends at as_of and begins at a whole hour
--   seen                  engine_windows of this window, where a run has it already
--   returns               a row per engine with readings, and one about the table. The value is the share of the
--                         readings whose cycle the engine has once.
--
-- As long as cycles go up with time none can be there twice, so that only engines are searched whose cycles did not go up
-- in the window or on the way into it. A counter that was set back before that is not noticed any more.
--
--   select * from check_duplicates('24 hours');
create or replace function public.check_duplicates(
  check_window interval default '24 hours', as_of timestamptz default now(),
  seen public.engine_window[] default null
)
returns setof public.check_result
language sql
stable
parallel safe
security invoker
set search_path = ''
as $$
  with bounds as (
    select date_trunc('hour', as_of - check_window, 'UTC') as window_start
  ),
  received as (
    select window_of.*
    from unnest(coalesce(seen, array(
      select measured from bounds cross join lateral public.engine_windows(bounds.window_start, as_of) as measured
    ))) as window_of
  ),
  suspect as (
    select received.engine_id
    from received
    where exists (select from unnest(received.steps) as step where step.cycle <= step.previous_cycle)
  ),
  repeated as (
    select
      copies.engine_id,
      sum(copies.within) as readings,
      jsonb_agg(
        jsonb_build_object('cycle', copies.cycle, 'timestamps', copies.timestamps) order by copies.cycle
      ) filter (where copies.place <= 20) as listed
    from (
      select
        reading.engine_id,
        reading.cycle,
        count(*) filter (where reading."timestamp" >= bounds.window_start) as within,
        to_jsonb((array_agg(reading."timestamp" order by reading."timestamp"))[:5]) as timestamps,
        row_number() over (partition by reading.engine_id order by reading.cycle) as place
      from bounds
      cross join suspect
      cross join lateral (
        select stored.engine_id, stored.cycle, stored."timestamp"
        from public.sensor_data as stored
        where stored.engine_id = suspect.engine_id and stored."timestamp" <= as_of
        offset 0 -- as a join it may be a hash join, which reads all engines
      ) as reading
      group by reading.engine_id, reading.cycle
      having count(*) > 1 and count(*) filter (where reading."timestamp" >= bounds.window_start) > 0
    ) as copies
    group by copies.engine_id
  ),
  measured as (
    select array_agg(row(
      received.engine_id,
      1 - coalesce(repeated.readings, 0)::double precision / received.readings,
      received.readings,
      received.readings,
      jsonb_build_object('repeated', coalesce(repeated.readings, 0), 'failing', repeated.listed)
    )::public.engine_measurement) as engines
    from received
    left join repeated using (engine_id)
  )
  select result.*
  from bounds
  cross join measured
  cross join lateral public.judge_engines('duplicates', 'mean', bounds.window_start, as_of, measured.engines) as result;
$$;

comment on function public.check_duplicates(interval, timestamptz, public.engine_window[]) is
  'Readings whose cycle their engine has more than once, per engine.';
