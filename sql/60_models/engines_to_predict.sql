-- The active engines whose last reading the model in use has not seen, and where the readings are that it looks at: the
-- first ones of the engine and the last ones. An engine with nothing new costs two looks into indexes.
--
--   first      first readings of an engine that a model looks at
--   window     last readings that it looks at
--   after      only engines after this one, in the order of engines.id; null: from the beginning
--   most       engines to return, in that order
--   returns    engine, its model, its last cycle; end of the time of its first readings (they are before it), and begin of
--              the time of its last ones (they are at it or after it)
--
--   select * from engines_to_predict(20, 30, null, 100);
create or replace function public.engines_to_predict(first integer, "window" integer, after uuid, most integer)
returns table (
  engine_id uuid, model_id bigint, cycle integer, first_until timestamptz, window_from timestamptz
)
language sql
stable
security invoker
set search_path = ''
as $$
  with due as materialized ( -- before the readings of an engine are looked for
    select engines.id as engine_id, model.id as model_id, last.cycle
    from public.engines
    cross join lateral (
      select models.id, models.name, models.version
      from public.models
      where models.purpose = 'rul' and models.active
        and (models.dataset = engines.dataset or models.dataset is null)
      order by models.dataset nulls last
      limit 1
    ) as model
    cross join lateral (
      select reading.cycle
      from public.sensor_data as reading
      where reading.engine_id = engines.id
      order by reading."timestamp" desc, reading.cycle desc
      limit 1
    ) as last
    where engines.status = 'active'
      and (engines_to_predict.after is null or engines.id > engines_to_predict.after)
      and not exists (
        select
        from public.rul_predictions as prediction
        where prediction.engine_id = engines.id
          and prediction.model_name = model.name
          and prediction.model_version = model.version::text
          and prediction.cycle = last.cycle
      )
    order by engines.id
    limit engines_to_predict.most
  )
  select due.engine_id, due.model_id, due.cycle, beginning.until, ending.since
  from due
  cross join lateral (
    select max(reading."timestamp") + interval '1 microsecond' as until
    from (
      select sensor_data."timestamp"
      from public.sensor_data
      where sensor_data.engine_id = due.engine_id
      order by sensor_data."timestamp"
      limit engines_to_predict.first
    ) as reading
  ) as beginning
  cross join lateral (
    select min(reading."timestamp") as since
    from (
      select sensor_data."timestamp"
      from public.sensor_data
      where sensor_data.engine_id = due.engine_id
      order by sensor_data."timestamp" desc
      limit engines_to_predict."window"
    ) as reading
  ) as ending
  order by due.engine_id;
$$;

comment on function public.engines_to_predict(integer, integer, uuid, integer) is
  'Active engines whose last reading the model of remaining life in use has not seen, and where the readings are that it looks at.';
