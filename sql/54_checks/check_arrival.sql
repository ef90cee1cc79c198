-- Arrival: do readings come when they usually do? One that comes later than its engine's usually do has been held up on
-- the way, or has been overtaken by the ones after it.
--
-- What is usual is the engine's own: one that delivers once a day is not late all day. It is what three quarters of its
-- hours keep, half as much again, and half a cadence; of an engine with fewer than eight hours of readings it is what is
-- usual in the fleet. A history that is loaded at once is thereby on time. A reading that comes after the window it
-- belongs to has passed is known as missing from check_completeness, and not as late from here.
--
--   check_window, as_of   the window ends at as_of and begins at a whole hour
--   seen                  engine_windows of this window, where a run has it already
--   returns               a row per engine with readings, and one about the table. The value is the share of the
--                         readings that were not late.
--
--   select evidence -> 'failing' from check_arrival('24 hours') where status = 'warning' and engine_id is not null;
create or replace function public.check_arrival(
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
  fleet as (
    select percentile_disc(0.5) within group (order by coalesce(received.usual_delay, received.longest_delay)) as usual_delay
    from received
  ),
  expected as materialized (
    select
      received.engine_id,
      received.readings,
      received.longest_delay,
      greatest('0', 1.5 * coalesce(received.usual_delay, fleet.usual_delay)) + 0.5 * received.cadence as latest
    from received
    cross join fleet
  ),
  -- only readings of engines that have a late one are read, which are few
  late as (
    select
      late.engine_id,
      count(*) as readings,
      jsonb_agg(
        jsonb_build_object('timestamp', late."timestamp", 'cycle', late.cycle, 'arrived', late.created_at)
        order by late."timestamp", late.cycle
      ) filter (where late.place <= 20) as listed
    from (
      select
        expected.engine_id, reading.*,
        row_number() over (partition by expected.engine_id order by reading."timestamp", reading.cycle) as place
      from bounds
      cross join expected
      cross join lateral (
        select stored."timestamp", stored.cycle, stored.created_at
        from public.sensor_data as stored
        where stored.engine_id = expected.engine_id
          and stored."timestamp" >= bounds.window_start and stored."timestamp" <= as_of
        offset 0 -- as a join it may be a hash join, which reads all months
      ) as reading
      where expected.longest_delay > expected.latest and reading.created_at - reading."timestamp" > expected.latest
    ) as late
    group by late.engine_id
  ),
  measured as (
    select array_agg(row(
      expected.engine_id,
      case when expected.latest is not null then
        1 - coalesce(late.readings, 0)::double precision / expected.readings
      end,
      expected.readings,
      expected.readings,
      jsonb_build_object(
        'late', coalesce(late.readings, 0),
        'expected_within_seconds', extract(epoch from expected.latest),
        'failing', late.listed,
        'reason', case when expected.latest is null then 'how often it should send is not known: set engines.cadence' end
      )
    )::public.engine_measurement) as engines
    from expected
    left join late using (engine_id)
  )
  select result.*
  from bounds
  cross join measured
  cross join lateral public.judge_engines('arrival', 'mean', bounds.window_start, as_of, measured.engines) as result;
$$;

comment on function public.check_arrival(interval, timestamptz, public.engine_window[]) is
  'Readings that arrived later than their engine''s usually do, per engine.';
