-- A range or a condition that changes makes rollups wrong: they are measured again with the next run. Until then checks
-- measure the readings themselves.
--
-- Security definer: who may edit rules, conditions and engines has no right to sensor_data_changes, which would let him
-- forget changes.
--
-- What detectors compare with is by operating condition, and so are baselines: readings are scored again after a change of
-- these. No detector knows of expectations, and another dataset means another model, which is for new readings.
create or replace function public.note_rule_change()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  insert into public.sensor_data_changes (hours, scores)
  select
    tstzmultirange(tstzrange(
      -- baselines are by operating condition, too, and as long as the settings say
      case when tg_table_name in ('operating_conditions', 'quality_settings') then null else rollup_horizon.kept_from end, null
    )),
    tg_table_name in ('operating_conditions', 'quality_settings')
  from public.rollup_horizon
  where exists (select from public.sensor_data);
  return null;
end;
$$;

comment on function public.note_rule_change() is
  'Trigger: rollups are measured again after a change of expectations, operating conditions or an engine''s dataset, and baselines after one of conditions or of baseline_readings.';

create trigger note_change after insert or update or delete on public.expectations
for each statement execute function public.note_rule_change();

create trigger note_change after insert or update or delete on public.operating_conditions
for each statement execute function public.note_rule_change();

create trigger note_change after update of dataset on public.engines
for each statement execute function public.note_rule_change();

create trigger note_change after update of baseline_readings on public.quality_settings
for each statement execute function public.note_rule_change();
