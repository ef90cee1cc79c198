-- What training code selects from: each reading of an engine whose whole life is known, with its label.
-- Labels are piecewise linear: min(rul_cap, life_cycles - cycle). For run-to-failure engines the last cycle
-- has 0 left; for C-MAPSS test engines it has what the RUL file says.
--
--   select * from training_data where dataset = 'FD001' and subset = 'train' order by unit_number, cycle;
create view public.training_data
with (security_invoker = true) as
select
  engines.dataset,
  engines.subset,
  engines.unit_number,
  sensor_data.cycle,
  sensor_data."timestamp",
  sensor_data.altitude,
  sensor_data.mach_number,
  sensor_data.tra,
  sensor_data.s2,
  sensor_data.s3,
  sensor_data.s4,
  sensor_data.s7,
  sensor_data.s8,
  sensor_data.s9,
  sensor_data.s11,
  sensor_data.s12,
  sensor_data.s13,
  sensor_data.s14,
  sensor_data.s15,
  sensor_data.s17,
  sensor_data.s20,
  sensor_data.s21,
  least(engines.rul_cap, engines.life_cycles - sensor_data.cycle) as rul,
  engines.life_cycles - sensor_data.cycle as rul_uncapped,
  sensor_data.batch_id
from public.sensor_data
join public.engines on engines.id = sensor_data.engine_id
where engines.life_cycles is not null and (select public.may_read('training_data'));

comment on view public.training_data is
  'Readings of engines whose life is known, with remaining-useful-life labels in cycles: rul is capped at engines.rul_cap, rul_uncapped is not.';
comment on column public.training_data.rul is
  'Label: remaining useful life after this cycle, in flight cycles, at most engines.rul_cap.';
comment on column public.training_data.rul_uncapped is
  'Remaining useful life after this cycle, in flight cycles: engines.life_cycles - cycle.';

-- Every other column means what it means in its table.
do $$
declare
  column_name name;
  meaning text;
begin
  for column_name, meaning in
    select ours.attname, col_description(theirs.attrelid, theirs.attnum)
    from pg_catalog.pg_attribute as ours
    join pg_catalog.pg_attribute as theirs using (attname)
    where ours.attrelid = 'public.training_data'::regclass
      and theirs.attrelid in ('public.engines'::regclass, 'public.sensor_data'::regclass)
      and theirs.attnum > 0
  loop
    execute format('comment on column public.training_data.%I is %L', column_name, meaning);
  end loop;
end;
$$;
