-- Copies: readings that arrived again although they were stored already. Each is stored once and does no harm, and
-- every sender that repeats what was not answered makes some; so a copy is written down with its engine and passes. More
-- copies than originals are a sender that sends everything several times over.
--
--   check_window, as_of   the window ends at as_of; it is about the time of arrival, not of measurement
--   seen                  engine_windows of this window, where a run has it already
--   returns               a row per engine that has sent something, and one about the table. The value is the share of the
--                         copies in it.
--
--   select evidence from check_copies('24 hours') where metric_value > 0;
create or replace function public.check_copies(
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
    select window_of.engine_id, window_of.readings
    from unnest(coalesce(seen, array(
      select measured from bounds cross join lateral public.engine_windows(bounds.window_start, as_of) as measured
    ))) as window_of
  ),
  copied as (
    select
      copies.engine_id,
      sum(copies.copies) as copies,
      jsonb_agg(
        jsonb_build_object('batch', copies.batch_id, 'arrived', copies.received_at, 'copies', copies.copies)
        order by copies.received_at, copies.batch_id
      ) filter (where copies.place <= 20) as listed
    from (
      select
        copied.key::uuid as engine_id, copied.value::bigint as copies, batches.id as batch_id, batches.received_at,
        row_number() over (partition by copied.key order by batches.received_at, batches.id) as place
      from bounds
      join public.batches on batches.received_at >= bounds.window_start and batches.received_at <= as_of
      cross join lateral jsonb_each_text(batches.duplicates_by_engine) as copied
    ) as copies
    group by copies.engine_id
  ),
  measured as (
    select array_agg(row(
      engine_id,
      coalesce(copied.copies, 0)::double precision / sent.readings::double precision,
      sent.readings,
      sent.readings,
      jsonb_build_object('copies', coalesce(copied.copies, 0), 'batches', copied.listed)
    )::public.engine_measurement) as engines
    from received
    full join copied using (engine_id)
    cross join lateral (select coalesce(copied.copies, 0) + coalesce(received.readings, 0) as readings) as sent
  )
  select result.*
  from bounds
  cross join measured
  cross join lateral public.judge_engines(
    'copies', 'mean', bounds.window_start, as_of, measured.engines
  ) as result;
$$;

comment on function public.check_copies(interval, timestamptz, public.engine_window[]) is
  'Readings that arrived although they were stored already, per engine.';
