-- Brings rollups, baselines and the versions of days up to date with what has been written since the last time, and writes
-- down what is to be scored: its cost follows the new readings and the hours and engines they fall into, whenever those are.
--
--   returns  how many engine-hours were measured; null when another session is at it (what is not rolled up yet is
--            measured by the checks themselves, so they are right all the same)
--
--   select roll_up_readings();
create or replace function public.roll_up_readings()
returns integer
language plpgsql
security invoker
set search_path = ''
set jit = off
as $$
declare
  kept_from timestamptz;
  engine_ids uuid[];
  ranges tstzrange[];
  scored_ids uuid[];
  scored_ranges tstzrange[];
  measured integer;
begin
  if not pg_try_advisory_xact_lock(hashtext('public.roll_up_readings')) then
    return null;
  end if;
  select rollup_horizon.kept_from into strict kept_from from public.rollup_horizon;

  with taken as (
    delete from public.sensor_data_changes returning sensor_data_changes.engine_ids, hours, scores
  ),
  changed as (
    select
      target.engine_id,
      range_agg(taken.hours) as hours,
      range_agg(taken.hours) filter (where taken.scores) as scored_hours
    from taken
    cross join lateral (
      select unnest(taken.engine_ids) as engine_id
      union all
      select engines.id from public.engines where taken.engine_ids is null
    ) as target
    group by target.engine_id
  )
  select
    array_agg(changed.engine_id) filter (where not piece.is_scored),
    array_agg(piece.range) filter (where not piece.is_scored),
    coalesce(array_agg(changed.engine_id) filter (where piece.is_scored), '{}'),
    coalesce(array_agg(piece.range) filter (where piece.is_scored), '{}')
  into engine_ids, ranges, scored_ids, scored_ranges
  from changed
  cross join lateral (
    select range, false from unnest(changed.hours) as range
    union all
    select range, true from unnest(changed.scored_hours) as range
  ) as piece (range, is_scored);
  if engine_ids is null then
    return 0;
  end if;

  perform public.raise_day_versions(engine_ids, ranges);
  perform public.learn_baselines(engine_ids, ranges);
  -- with another baseline all readings of an engine compare otherwise, and those that came before there was one for the
  -- first time; without one there is nothing to say, except that what was said does not hold
  select scored_ids || array_agg(learned.engine_id), scored_ranges || array_agg(tstzrange(null, null))
  into scored_ids, scored_ranges
  from public.engine_baselines as learned
  where learned.engine_id = any (engine_ids) and learned.learned_at = now()
    and (learned.complete or exists (select from public.anomalies where anomalies.engine_id = learned.engine_id));
  perform public.note_unscored_readings(scored_ids, scored_ranges);

  select array_agg(target.engine_id), array_agg(kept.range)
  into engine_ids, ranges
  from unnest(engine_ids, ranges) as target (engine_id, range)
  cross join lateral (select target.range * tstzrange(kept_from, null) as range) as kept
  where not isempty(kept.range);

  delete from public.reading_rollups
  using unnest(engine_ids, ranges) as target (engine_id, range)
  where reading_rollups.engine_id = target.engine_id
    and hour >= coalesce(lower(target.range), '-infinity') and hour < coalesce(upper(target.range), 'infinity')
    -- the hours of all of them together, for the index: without it all rollups are read
    and hour >= (select min(coalesce(lower(range), '-infinity')) from unnest(ranges) as range)
    and hour < (select max(coalesce(upper(range), 'infinity')) from unnest(ranges) as range);
  insert into public.reading_rollups select * from public.measure_hours(engine_ids, ranges);
  get diagnostics measured = row_count;
  return measured;
end;
$$;

comment on function public.roll_up_readings() is
  'Brings hourly rollups, baselines and the versions of days up to date with the readings written since the last time, and notes what is to be scored; returns how many engine-hours it measured.';
