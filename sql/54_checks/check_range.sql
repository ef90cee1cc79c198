-- Values outside of their range, by column. Ranges are those of the reading's dataset and operating condition.
--
--   check_window, as_of   the window ends at as_of and begins at a whole hour
--   seen                  engine_windows of this window, where a run has it already
--   returns               as judge_columns; the value is the share of the values inside of their range, and the
--                         evidence names up to 20 readings that are not
--
--   select column_name, evidence -> 'failing' from check_range('24 hours') where status = 'fail';
create or replace function public.check_range(
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
  measured as (
    select array_agg(row(
      received.engine_id,
      columns.column_name,
      received.readings - coalesce(received.nulls[columns.place], 0),
      coalesce(received.outside[columns.place], 0)
    )::public.column_measurement) as columns
    from received
    cross join unnest(public.value_columns()) with ordinality as columns (column_name, place)
  ),
  -- the readings behind the counts, where there are any: only in the first hours that have some, of each column
  suspect as (
    select suspect.*
    from (
      select
        hourly.engine_id, hourly.first_timestamp, hourly.last_timestamp, counted.column_name, counted.place as column_place,
        row_number() over (partition by counted.column_name order by hourly.hour, hourly.engine_id) as place
      from bounds
      cross join lateral public.hourly_readings(bounds.window_start, as_of) as hourly
      cross join lateral unnest(public.value_columns(), hourly.outside)
        with ordinality as counted (column_name, outside, place)
      where counted.outside > 0
        and exists (select from received where 0 < any (received.outside))
    ) as suspect
    where suspect.place <= 20
  ),
  failing as (
    select
      found.column_name,
      jsonb_agg(
        jsonb_build_object(
          'engine', found.unit_number, 'cycle', found.cycle, 'timestamp', found."timestamp", 'value', found.value,
          'condition', found.condition, 'min', found.min, 'max', found.max
        )
        order by found."timestamp", found.unit_number, found.cycle
      ) as listed
    from (
      select
        suspect.column_name, engines.unit_number, reading.cycle, reading."timestamp", reading.condition,
        measurement.value::text as value, limits.minima[suspect.column_place] as min, limits.maxima[suspect.column_place] as max,
        row_number() over (
          partition by suspect.column_name order by reading."timestamp", engines.unit_number, reading.cycle
        ) as place
      from suspect
      join public.engines on engines.id = suspect.engine_id
      cross join lateral (
        select classified.*
        from public.classified_readings as classified
        where classified.engine_id = suspect.engine_id
          and classified."timestamp" >= suspect.first_timestamp and classified."timestamp" <= suspect.last_timestamp
        offset 0 -- as a join it may be a hash join, which reads all months
      ) as reading
      join public.reading_bounds as limits
        on coalesce(limits.dataset, '') = coalesce(engines.dataset, '') and limits.condition = reading.condition
      cross join lateral (
        select (array[
          reading.altitude, reading.mach_number, reading.tra, reading.s2, reading.s3, reading.s4, reading.s7,
          reading.s8, reading.s9, reading.s11, reading.s12, reading.s13, reading.s14, reading.s15, reading.s17,
          reading.s20, reading.s21
        ])[suspect.column_place] as value
      ) as measurement
      where measurement.value < limits.minima[suspect.column_place]
        or measurement.value > limits.maxima[suspect.column_place]
    ) as found
    where found.place <= 20
    group by found.column_name
  )
  select
    result.metric_name,
    result.column_name,
    result.engine_id,
    result.metric_value,
    result.threshold_min,
    result.threshold_max,
    result.status,
    result.rows_checked,
    case
      when failing.listed is null then result.evidence
      else result.evidence || jsonb_build_object('failing', failing.listed)
    end
  from bounds
  cross join measured
  cross join lateral public.judge_columns('range', bounds.window_start, as_of, measured.columns) as result
  left join failing on failing.column_name = result.column_name and result.engine_id is null;
$$;

comment on function public.check_range(interval, timestamptz, public.engine_window[]) is
  'Share of the values inside of their range, by column; ranges are those of the dataset and the operating condition.';
