-- What a check has measured of one column of one engine, before anybody judges it.
create type public.column_measurement as (
  engine_id uuid,
  column_name text,
  rows_checked bigint,
  broken bigint
);

comment on type public.column_measurement is
  'Measurement of one column of one engine: how many values were looked at, and how many of them break the rule.';
