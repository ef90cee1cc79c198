-- Takes readings that are to be scored, in the transaction that scores them: when it does not commit, they are to be scored
-- as before. Any number of sessions can take at once; none waits for another, and no engine is given to two.
--
--   most      about how many readings; the times of an engine that has more are cut, the earliest first. What has one time
--             is not cut
--   datasets  only of engines of these sets (engines.dataset), because there are models for no others; null: of all
--   returns   times of engines, those that wait longest first. They may be without a reading: one that was there may
--             have been deleted
--
--   select * from take_unscored_readings(1000);
create or replace function public.take_unscored_readings(most integer, datasets text[] default null)
returns table (engine_id uuid, range tstzrange)
language plpgsql
volatile
security invoker
set search_path = ''
set jit = off
as $$
#variable_conflict use_column
declare
  -- an engine costs some 0.1 ms besides its readings
  most_engines constant integer := 1000;
  room integer := most;
  waiting record;
  piece tstzrange;
  found_here timestamptz[];
  taken tstzmultirange;
begin
  if most is null or most < 1 then
    raise exception 'Cannot take readings as most must be at least 1: current value is %', coalesce(most::text, 'null')
      using errcode = '22023';
  end if;
  for waiting in
    select unscored.engine_id, unscored.times
    from public.unscored_readings as unscored
    join public.engines on engines.id = unscored.engine_id
    where datasets is null or engines.dataset = any (datasets)
    order by unscored.noted_at, unscored.engine_id
    limit most_engines
    for update of unscored skip locked
  loop
    exit when room < 1;
    taken := '{}';
    foreach piece in array array(select unnest(waiting.times)) loop
      exit when room < 1;
      -- one more than there is room for shows whether the piece is to be cut
      select array_agg(reading."timestamp")
      into found_here
      from (
        select sensor_data."timestamp"
        from public.sensor_data
        where sensor_data.engine_id = waiting.engine_id
          and sensor_data."timestamp" >= coalesce(lower(piece), '-infinity')
          and sensor_data."timestamp" <= coalesce(upper(piece), 'infinity')
          and piece @> sensor_data."timestamp"
        order by sensor_data."timestamp"
        limit room + 1
      ) as reading;
      if cardinality(found_here) > room then
        piece := piece * tstzrange(null, found_here[room] + interval '1 microsecond');
      end if;
      room := room - coalesce(cardinality(found_here), 0);
      taken := taken + tstzmultirange(piece);
      engine_id := waiting.engine_id;
      range := piece;
      return next;
    end loop;
    if taken = waiting.times then
      delete from public.unscored_readings where unscored_readings.engine_id = waiting.engine_id;
    else
      -- it goes on where it is, and not behind engines that have come since
      update public.unscored_readings
      set times = waiting.times - taken
      where unscored_readings.engine_id = waiting.engine_id;
    end if;
  end loop;
end;
$$;

comment on function public.take_unscored_readings(integer, text[]) is
  'Takes times of engines whose readings are to be scored, about as many readings as asked for, and forgets them; in the transaction that scores them.';
