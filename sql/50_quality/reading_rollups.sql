-- What the checks need to know of an hour of an engine, so that a run over a day of readings reads an hour of them.
-- An hour that looks clean here is clean; one that does not is looked at reading by reading, because only there is
-- the evidence (which cycle, which value).
create table public.reading_rollups (
  hour timestamptz not null,
  engine_id uuid not null references public.engines (id) on delete cascade,
  readings integer not null,
  first_timestamp timestamptz not null,
  last_timestamp timestamptz not null,
  first_cycle integer not null,
  last_cycle integer not null,
  shortest_step interval,
  longest_step interval,
  cycle_breaks integer not null,
  unknown_conditions integer not null,
  not_finite integer not null,
  nulls integer[] not null,
  outside integer[] not null,
  longest_delay interval,
  primary key (hour, engine_id)
);
-- volume adds up eight windows of counts and nothing else: from this index alone it takes a quarter of the time
create index reading_rollups_counts on public.reading_rollups (hour) include (readings);

comment on table public.reading_rollups is
  'Hourly rollups of sensor_data, one row per engine and hour with readings. Kept by roll_up_readings; arrays are in the order altitude, mach_number, tra, s2 … s21.';
comment on column public.reading_rollups.hour is 'Start of the hour (UTC).';
comment on column public.reading_rollups.engine_id is 'Engine; engines.id.';
comment on column public.reading_rollups.readings is 'Readings in the hour.';
comment on column public.reading_rollups.first_timestamp is 'Time of the first of them (UTC).';
comment on column public.reading_rollups.last_timestamp is 'Time of the last of them (UTC).';
comment on column public.reading_rollups.first_cycle is 'Cycle of the first of them.';
comment on column public.reading_rollups.last_cycle is 'Cycle of the last of them.';
comment on column public.reading_rollups.shortest_step is 'Shortest time from one to the next; null of a single reading.';
comment on column public.reading_rollups.longest_step is 'Longest time from one to the next; null of a single reading.';
comment on column public.reading_rollups.cycle_breaks is
  'Readings whose cycle is not the one after that of the reading before, in order of time and within the hour.';
comment on column public.reading_rollups.unknown_conditions is 'Readings in none of the operating conditions.';
comment on column public.reading_rollups.not_finite is 'Readings with a value that is not a number or infinite.';
comment on column public.reading_rollups.nulls is 'Readings without a value, by column.';
comment on column public.reading_rollups.longest_delay is
  'Longest time from a reading to its arrival here; null in rollups of versions before 0.6, which did not say.';
comment on column public.reading_rollups.outside is 'Readings outside of their range (reading_bounds), by column.';

-- From when on there are rollups. A time of its own, not now() minus quality_settings.rollups_kept: that can be
-- changed, and what was pruned does not come back by it.
create table public.rollup_horizon (
  id boolean primary key default true check (id),
  kept_from timestamptz not null default date_trunc('hour', now() - interval '35 days', 'UTC')
);

comment on table public.rollup_horizon is 'From when on reading_rollups has rollups. Exactly one row, moved on by prune_rollups.';
comment on column public.rollup_horizon.id is 'Always true: it keeps the table at one row.';
comment on column public.rollup_horizon.kept_from is 'First hour that is rolled up (UTC). Checks of earlier windows read the readings.';
