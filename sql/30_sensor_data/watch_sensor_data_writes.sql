-- Makes the triggers that note which hours a statement has changed: on sensor_data, and on each of its partitions, because
-- a statement that names a partition fires its triggers and not those of sensor_data. A statement on sensor_data fires
-- its triggers alone, so that nothing is noted twice.
--
--   relation  sensor_data or a partition of it; one that has the triggers keeps them
create or replace function public.watch_sensor_data_writes(relation regclass)
returns void
language plpgsql
security invoker
set search_path = ''
as $$
declare
  wanted record;
begin
  for wanted in
    select *
    from (
      values
        ('note_insert', 'insert', 'referencing new table as changed', 'note_sensor_data_change'),
        ('note_delete', 'delete', 'referencing old table as changed', 'note_sensor_data_change'),
        ('note_update_from', 'update', 'referencing old table as changed', 'note_sensor_data_change'),
        ('note_update_to', 'update', 'referencing new table as changed', 'note_sensor_data_change'),
        ('forget_rollups', 'truncate', '', 'forget_rollups')
    ) as triggers (name, event, transition, routine)
    where not exists (
      select from pg_catalog.pg_trigger as present where present.tgrelid = relation and present.tgname = triggers.name
    )
  loop
    execute format(
      'create trigger %I after %s on %s %s for each statement execute function public.%I()',
      wanted.name, wanted.event, relation, wanted.transition, wanted.routine
    );
  end loop;
end;
$$;

comment on function public.watch_sensor_data_writes(regclass) is
  'Makes the triggers of sensor_data, or of a partition of it, that note which hours have changed.';
