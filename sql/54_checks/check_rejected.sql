-- Rejections: what share of the readings that arrived in the window was not accepted. They are dead letters.
--
--   check_window, as_of   the window ends at as_of; it is about the time of arrival, not of measurement
--   returns               one row about the table
--
--   select metric_value, evidence -> 'reasons' from check_rejected('24 hours');
create or replace function public.check_rejected(
  check_window interval default '24 hours', as_of timestamptz default now()
)
returns setof public.check_result
language sql
stable
security invoker
set search_path = ''
as $$
  with bounds as (
    select date_trunc('hour', as_of - check_window, 'UTC') as window_start
  ),
  arrived as (
    select
      coalesce(sum(batches.received), 0) as received,
      coalesce(sum(batches.rejected), 0) as rejected,
      sum(batches.rejected)::double precision / nullif(sum(batches.received), 0) as value
    from bounds
    join public.batches on batches.received_at >= bounds.window_start and batches.received_at <= as_of
  ),
  reasons as (
    select jsonb_agg(jsonb_build_object('path', path, 'source', source, 'letters', letters) order by letters desc) as listed
    from (
      -- without the places in their events: records[3].data.s11 and records[7].data.s11 are one kind of fault
      select regexp_replace(letter.path, '\[\d+\]', '[]', 'g') as path, letter.source, count(*) as letters
      from bounds
      join public.dead_letters as letter
        on letter.first_seen_at >= bounds.window_start and letter.first_seen_at <= as_of
      group by 1, 2
      order by count(*) desc
      limit 20
    ) as reason
  )
  select
    'rejected',
    null::text,
    null::uuid,
    arrived.value,
    rule.min,
    rule.max,
    public.expectation_verdict(arrived.value, rule.min, rule.max, rule.severity),
    arrived.received::bigint,
    jsonb_strip_nulls(jsonb_build_object(
      'window_start', bounds.window_start,
      'window_end', as_of,
      'received', arrived.received,
      'rejected', arrived.rejected,
      'reasons', reasons.listed,
      'reason', case when arrived.value is null then 'nothing arrived in the window' end
    ))
  from bounds
  cross join arrived
  cross join reasons
  join public.effective_expectations as rule on rule.kind = 'rejected' and rule.dataset is null;
$$;

comment on function public.check_rejected(interval, timestamptz) is
  'Share of the readings that arrived in the window and were rejected, with the paths they failed at.';
