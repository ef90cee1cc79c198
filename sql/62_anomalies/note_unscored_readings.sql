-- Writes down that readings are to be scored: part of roll_up_readings, and how to have readings scored once more after a
-- change that only affects new ones otherwise, such as another model or detector.
--
--   engine_ids, ranges   parallel arrays: which times of which engines. A range may have no ends, and may hold times
--                        without a reading
--
--   select note_unscored_readings(array_agg(id), array_agg(tstzrange(now() - interval '30 days', null))) from engines;
create or replace function public.note_unscored_readings(engine_ids uuid[], ranges tstzrange[])
returns void
language plpgsql
security invoker
set search_path = ''
as $$
#variable_conflict use_column
declare
  -- of hours that do not touch, 100 are four days of readings two hours apart; a row stays below 4 kB
  most_ranges constant integer := 100;
begin
  insert into public.unscored_readings (engine_id, times)
  select
    engines.id,
    case
      when count(*) > most_ranges then tstzmultirange(range_merge(range_agg(target.range)))
      else range_agg(target.range)
    end
  from unnest(engine_ids, ranges) as target (engine_id, range)
  join public.engines on engines.id = target.engine_id
  where not isempty(target.range)
  group by engines.id
  -- whoever else notes waits instead of deadlocking; who scores waits for nobody
  order by engines.id
  on conflict (engine_id) do update
  set times = (
    select case when count(*) > most_ranges then tstzmultirange(range_merge(range_agg(range))) else range_agg(range) end
    from unnest(unscored_readings.times + excluded.times) as range
  );
end;
$$;

comment on function public.note_unscored_readings(uuid[], tstzrange[]) is
  'Writes down that the readings of the given times are to be scored; also to have them scored once more.';
