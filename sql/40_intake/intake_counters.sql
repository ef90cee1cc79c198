-- What the intake has done since the beginning, as of moments ten minutes apart: a counter that only goes up, also when
-- rows of batches are deleted, and whose value is known without reading more than the last minutes of them.
--
-- Written by count_intake and not by the intake, whose batches would wait for each other here. Each moment has a row for every
-- source there has been, so that the newest moment alone says all.
create table public.intake_counters (
  until timestamptz not null,
  source text not null,
  batches bigint not null check (batches >= 0),
  accepted bigint not null check (accepted >= 0),
  duplicates bigint not null check (duplicates >= 0),
  rejected bigint not null check (rejected >= 0),
  processing_seconds double precision not null,
  processing_buckets bigint[] not null,
  event_lag_seconds double precision not null,
  event_lag_buckets bigint[] not null,
  last_received_at timestamptz not null,
  newest_timestamp timestamptz,
  primary key (until, source)
);

comment on table public.intake_counters is
  'What the intake has done since the beginning, by source, as of moments ten minutes apart; intake_totals adds what has come since. Written by count_intake.';
comment on column public.intake_counters.until is 'Batches that were received before this moment are counted (UTC).';
comment on column public.intake_counters.source is 'Door the batches came through; batches.source.';
comment on column public.intake_counters.batches is 'Batches that were stored.';
comment on column public.intake_counters.accepted is 'Readings that became rows of sensor_data.';
comment on column public.intake_counters.duplicates is 'Valid readings that were stored already.';
comment on column public.intake_counters.rejected is 'Readings that were not accepted, each time that they came.';
comment on column public.intake_counters.processing_seconds is 'Sum of batches.processing, in seconds, of the batches that have one.';
comment on column public.intake_counters.processing_buckets is
  'How many batches were processed in how long: one number for each of histogram_bounds(''processing''), not added up, and one for those that took longer.';
comment on column public.intake_counters.event_lag_seconds is
  'Sum, in seconds, of the times from a batch''s newest reading to its arrival; a clock that is ahead counts as 0.';
comment on column public.intake_counters.event_lag_buckets is
  'How many batches came how long after their newest reading: by histogram_bounds(''event_lag''), like processing_buckets.';
comment on column public.intake_counters.last_received_at is 'When the last of the batches was received (UTC).';
comment on column public.intake_counters.newest_timestamp is 'Time of the newest of their readings (UTC); null where no batch says.';
