-- Signs of life: one row for each minute in which the scheduler ran and the database could write. Service levels count
-- them, because only their absence says afterwards that the database was away.
create table public.heartbeats (
  minute timestamptz primary key check (minute = date_trunc('minute', minute, 'UTC'))
);

comment on table public.heartbeats is
  'Minutes in which the scheduler ran and the database could write; a minute without a row counts as not available.';
comment on column public.heartbeats.minute is 'Start of the minute (UTC).';
