-- What a check has measured of one engine, before anybody judges it.
create type public.engine_measurement as (
  engine_id uuid,
  value double precision,
  weight double precision,
  rows_checked bigint,
  evidence jsonb
);

comment on type public.engine_measurement is
  'Measurement of one engine: its value (null: nothing to measure), its weight in the value of the table, rows looked at, evidence.';
