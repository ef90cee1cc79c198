-- Reports each month from the oldest partition (or as_of's month) to the newest or months_ahead months after
-- as_of, whichever is later: what exists, and what is missing.
--
--   select * from sensor_data_partition_report() where state <> 'present';
create or replace function public.sensor_data_partition_report(
  as_of timestamptz default now(),
  months_ahead integer default 4
)
returns table (
  month date,
  partition_name text,
  state text,
  estimated_rows bigint,
  total_bytes bigint
)
language sql
stable
security invoker
set search_path = ''
as $$
  with present as (
    select
      to_date(substring(part.relname from '[0-9]{4}_[0-9]{2}$'), 'YYYY_MM') as month,
      part.oid,
      part.relname::text as partition_name,
      -- -1 means "never analysed", which is not a number of rows
      case when part.reltuples >= 0 then part.reltuples::bigint end as estimated_rows
    from pg_catalog.pg_inherits as link
    join pg_catalog.pg_class as part on part.oid = link.inhrelid
    where link.inhparent = 'public.sensor_data'::regclass
  ),
  this_month as (
    select date_trunc('month', as_of at time zone 'UTC')::date as month
  ),
  months as (
    select generate_series(
      least((select min(present.month) from present), this_month.month)::timestamp,
      greatest(
        (select max(present.month) from present),
        (this_month.month + make_interval(months => months_ahead))::date
      )::timestamp,
      interval '1 month'
    )::date as month
    from this_month
  )
  select
    months.month,
    'sensor_data_' || to_char(months.month, 'YYYY_MM'),
    case
      when present.oid is not null then 'present'
      when months.month < this_month.month then 'gap'
      else 'missing'
    end,
    present.estimated_rows,
    pg_total_relation_size(present.oid)
  from months
  cross join this_month
  left join present on present.month = months.month
  order by months.month;
$$;

comment on function public.sensor_data_partition_report(timestamptz, integer) is
  'Monthly partitions of sensor_data: present, gap (a past month without one) or missing (a coming month without one), with row estimate and size in bytes.';
