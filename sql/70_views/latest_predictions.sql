-- What each model says of each engine now: its newest prediction, one row per engine and model. One of an engine's rows
-- is preferred: the model that model_settings.rul_model names, else one that was trained here, else whichever has seen
-- most of the engine.
--
--   select unit_number, predicted_rul, lower_bound, upper_bound from latest_predictions
--   where preferred order by predicted_rul;
create view public.latest_predictions
with (security_invoker = true) as
select
  engines.unit_number,
  engines.status,
  newest.*,
  row_number() over (
    partition by newest.engine_id
    order by
      newest.model_name is not distinct from settings.rul_model desc,
      exists (select from public.models where models.purpose = 'rul' and models.name = newest.model_name) desc,
      newest.cycle desc,
      newest.predicted_at desc,
      newest.id desc
  ) = 1 as preferred
from public.engines
left join public.model_settings as settings on true
cross join lateral (
  -- from name to name along the index: an engine's history is long, its models are few
  with recursive names as (
    (
      select prediction.model_name
      from public.rul_predictions as prediction
      where prediction.engine_id = engines.id
      order by prediction.model_name
      limit 1
    )
    union all
    select (
      select prediction.model_name
      from public.rul_predictions as prediction
      where prediction.engine_id = engines.id and prediction.model_name > names.model_name
      order by prediction.model_name
      limit 1
    )
    from names
    where names.model_name is not null
  )
  select latest.*
  from names
  cross join lateral (
    select
      prediction.id,
      prediction.engine_id,
      prediction.cycle,
      prediction.predicted_rul,
      prediction.lower_bound,
      prediction.upper_bound,
      prediction.interval_level,
      prediction.model_name,
      prediction.model_version,
      prediction.predicted_at
    from public.rul_predictions as prediction
    where prediction.engine_id = engines.id and prediction.model_name = names.model_name
    order by prediction.cycle desc, prediction.predicted_at desc, prediction.id desc
    limit 1
  ) as latest
) as newest
where (select public.may_read('latest_predictions'));

comment on view public.latest_predictions is
  'The newest prediction of each model for each engine, and which model is preferred (model_settings.rul_model).';
comment on column public.latest_predictions.unit_number is 'Public name of the engine.';
comment on column public.latest_predictions.status is 'Status of the engine: active, retired or failed.';
comment on column public.latest_predictions.preferred is
  'Whether this is the one of the engine''s models to go by: true for exactly one.';

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
    where ours.attrelid = 'public.latest_predictions'::regclass
      and theirs.attrelid = 'public.rul_predictions'::regclass
      and theirs.attnum > 0
  loop
    execute format('comment on column public.latest_predictions.%I is %L', column_name, meaning);
  end loop;
end;
$$;
