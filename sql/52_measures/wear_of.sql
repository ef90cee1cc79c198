-- How worn an engine is: the factor by which the signature of wear explains the shifts of its sensors. It is the
-- weighted median of the sensors' own answers, so that one or two sensors that drift do not change it.
--
--   shifts, signature   parallel arrays, one element a sensor, in baseline standard deviations
--   returns             0 in the baseline, 1 as at the end of life; null without a sensor. May be negative.
--
-- Minimises the sum of |shift - wear * signature| over the sensors (Edgeworth 1887).
create or replace function public.wear_of(shifts double precision[], signature double precision[])
returns double precision
language sql
immutable
parallel safe
security invoker
set search_path = ''
as $$
  select min(ratio)
  from (
    select
      ratio,
      sum(weight) over (order by ratio) as below,
      sum(weight) over () as total
    from (
      select shift / moved as ratio, abs(moved) as weight
      from unnest(shifts, signature) as sensor (shift, moved)
      where shift is not null and moved <> 0
    ) as answer
  ) as ordered
  where below >= total / 2;
$$;

comment on function public.wear_of(double precision[], double precision[]) is
  'Factor by which a signature of wear explains the shifts of an engine''s sensors: weighted median over the sensors.';
