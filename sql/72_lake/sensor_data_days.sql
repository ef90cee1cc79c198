-- Which UTC days hold readings, and how often each has changed: what the archive has to do. Written by
-- roll_up_readings, so by one session at a time, and never by the intake, whose batches would wait for each other here.
create table public.sensor_data_days (
  day date primary key,
  version bigint not null default 1 check (version > 0),
  changed_at timestamptz not null default now(),
  retired_at timestamptz
);

comment on table public.sensor_data_days is
  'UTC days that hold readings, and how often their readings have changed. A day is archived when an object of lake_objects holds its version.';
comment on column public.sensor_data_days.day is 'The day (UTC).';
comment on column public.sensor_data_days.version is 'Counts the changes of its readings, from 1.';
comment on column public.sensor_data_days.changed_at is 'When a change was last seen (UTC).';
comment on column public.sensor_data_days.retired_at is
  'When its readings left Postgres (UTC). From then on the lake has the only copy, and the archive does not write it again; null: they are here.';
