-- Which hours of which engines have changed since they were last rolled up: one row per statement that wrote readings.
--
-- This is the watermark of the checks. A point in time would not do: readings arrive late and out of order, and a
-- transaction that began before the mark may commit after it. A row here becomes visible with the readings it is
-- about and is deleted with the rollup that counts them, so that nothing is missed and nothing is counted twice.
create table public.sensor_data_changes (
  id bigint generated always as identity primary key,
  engine_ids uuid[],
  hours tstzmultirange not null,
  changed_at timestamptz not null default now(),
  scores boolean not null default true
);

comment on table public.sensor_data_changes is
  'Hours whose rollups are out of date: written with the readings, deleted by roll_up_readings. Empty when everything is rolled up.';
comment on column public.sensor_data_changes.id is 'Identifier.';
comment on column public.sensor_data_changes.engine_ids is 'Engines that may have changed; null: all of them.';
comment on column public.sensor_data_changes.hours is
  'Whole hours (UTC) in which they may have changed: one range for each month that was written to.';
comment on column public.sensor_data_changes.changed_at is 'Start of the transaction that wrote (UTC).';
comment on column public.sensor_data_changes.scores is
  'Whether their readings are to be scored again, too; false where only what rollups count has changed, such as a rule.';

create or replace function public.note_sensor_data_change()
returns trigger
language plpgsql
security invoker
set search_path = ''
as $$
begin
  insert into public.sensor_data_changes (engine_ids, hours)
  select engines.ids, months.hours
  from (select array_agg(distinct engine_id) as ids from changed) as engines
  cross join (
    select range_agg(hours) as hours
    from (
      select tstzrange(
        date_trunc('hour', min("timestamp"), 'UTC'), date_trunc('hour', max("timestamp"), 'UTC') + interval '1 hour'
      ) as hours
      from changed
      group by date_trunc('month', "timestamp", 'UTC')
    ) as month
  ) as months
  where engines.ids is not null;
  return null;
end;
$$;

comment on function public.note_sensor_data_change() is
  'Trigger: writes down which hours of which engines a statement on sensor_data has changed.';

create or replace function public.forget_rollups()
returns trigger
language plpgsql
security invoker
set search_path = ''
as $$
begin
  if tg_relid = 'public.sensor_data'::regclass then
    delete from public.sensor_data_changes;
    delete from public.reading_rollups;
    delete from public.unscored_readings;
    delete from public.anomalies;
    delete from public.anomaly_episodes;
  else
    -- a partition: its month is in its name
    insert into public.sensor_data_changes (hours)
    select tstzmultirange(tstzrange(month.begins, month.begins + interval '1 month'))
    from (
      select to_date(right(tg_table_name, 7), 'YYYY_MM')::timestamp at time zone 'UTC' as begins
    ) as month;
  end if;
  return null;
end;
$$;

comment on function public.forget_rollups() is 'Trigger: an emptied sensor_data has no rollups and no anomalies, and those of an emptied partition are looked for again.';
