-- Predictions with the name of the engine, and once it has failed with what they should have said. The true remaining life
-- is capped as labels are: at engines.rul_cap, and for a model trained here also at the cap it was trained with, because a
-- model that has learned "125 or more" does not miss by 75 when 200 are left.
--
--   select cycle, predicted_rul, actual_rul from engine_predictions where unit_number = 'ENGINE_001' order by id desc;
create view public.engine_predictions
with (security_invoker = true) as
select
  prediction.id,
  engines.unit_number,
  prediction.engine_id,
  prediction.cycle,
  prediction.predicted_rul,
  prediction.lower_bound,
  prediction.upper_bound,
  prediction.interval_level,
  prediction.model_name,
  prediction.model_version,
  prediction.predicted_at,
  truth.actual_rul,
  truth.actual_rul >= prediction.lower_bound and truth.actual_rul <= prediction.upper_bound as in_interval
from public.rul_predictions as prediction
join public.engines on engines.id = prediction.engine_id
left join public.models
  on models.purpose = 'rul'
  and models.name = prediction.model_name
  and models.version::text = prediction.model_version
cross join lateral (
  select
    case
      when engines.status = 'failed' and engines.life_cycles >= prediction.cycle then
        least(engines.rul_cap, (models.settings ->> 'rul_cap')::integer, engines.life_cycles - prediction.cycle)
    end as actual_rul
) as truth
where (select public.may_read('engine_predictions'));

comment on view public.engine_predictions is
  'Predictions by name of the engine, with the remaining life that it turned out to have where it has failed since.';
comment on column public.engine_predictions.unit_number is 'Public name of the engine.';
comment on column public.engine_predictions.actual_rul is
  'Remaining useful life that the engine turned out to have after that cycle, in flight cycles, at most the cap of its label; null while it has not failed.';
comment on column public.engine_predictions.in_interval is
  'Whether actual_rul lies in the prediction interval; null where one of them is missing.';

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
    where ours.attrelid = 'public.engine_predictions'::regclass
      and theirs.attrelid = 'public.rul_predictions'::regclass
      and theirs.attnum > 0
  loop
    execute format('comment on column public.engine_predictions.%I is %L', column_name, meaning);
  end loop;
end;
$$;
