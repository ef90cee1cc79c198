-- How worn engines are by a few of their latest readings, and how much of what sets these apart from the baseline is
-- not wear. measure_drift asks the same of each sensor, over a hundred readings; this tells earlier, of the engine.
--
--   of_engines  which engines
--   most        how many of the latest readings; never readings of the baseline
--   as_of       readings after it are not looked at
--   returns     a row per engine with a complete baseline and a reading after it. wear is as in wear_of, not below 0.
--               unexplained is the share, 0 to 1, of the shifts of all sensors that is left when wear, and three times
--               what engines differ in, is taken off: 0 of an engine that is worn and nothing else, close to 1 of one with
--               a sensor far off. Null where nothing has shifted.
--
--   select * from measure_wear(array[(select id from engines where unit_number = 'ENGINE_001')], 5, now());
create or replace function public.measure_wear(of_engines uuid[], most integer, as_of timestamptz)
returns table (engine_id uuid, wear double precision, unexplained double precision)
language sql
stable
parallel safe
security invoker
set search_path = ''
as $$
  with shift as materialized (
    select shift.engine_id, shift.column_name, shift.mean_shift, known.shift as worn_shift, known.spread
    from public.measure_shifts(of_engines, most, as_of) as shift
    join public.engines on engines.id = shift.engine_id
    -- of each dataset its own signature, or the one for all
    join public.wear_signatures as known
      on known.column_name = shift.column_name
      and coalesce(known.dataset, '') = case
        when exists (select from public.wear_signatures as own where own.dataset = engines.dataset) then engines.dataset
        else ''
      end
    where shift.mean_shift is not null
  ),
  worn as (
    select
      shift.engine_id,
      greatest(0, public.wear_of(
        array_agg(shift.mean_shift order by shift.column_name), array_agg(shift.worn_shift order by shift.column_name)
      )) as wear
    from shift
    group by shift.engine_id
  )
  select
    worn.engine_id,
    min(worn.wear),
    sum(greatest(0,
      abs(shift.mean_shift - worn.wear * shift.worn_shift) - 3 * greatest(worn.wear, 0.05) * shift.spread
    )) / nullif(sum(abs(shift.mean_shift)), 0)
  from worn
  join shift on shift.engine_id = worn.engine_id
  group by worn.engine_id;
$$;

comment on function public.measure_wear(uuid[], integer, timestamptz) is
  'Wear of engines by a few of their latest readings, and the share of their shifts that it does not explain.';
