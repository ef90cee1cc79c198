-- Pairs of sensors that tell one thing twice: the physical and the corrected speed of the fan (s8, s13) and of the core
-- (s9, s14). Engines differ in what wear does to these speeds, more than they do in anything else, and the core's begins
-- to change before other sensors tell of wear; but whatever an engine does to a speed, both of its sensors show. So what
-- both show is the engine, and what one shows alone is the sensor.
--
--   returns  per sensor its twin, and what the two differ in per unit of wear as a share of what engines differ in
--            (wear_signatures.spread). Measured of FD001's hundred training engines in their last 60 cycles: 0.10 to
--            0.14 of the core, 0.18 to 0.31 of the fan.
create or replace function public.twin_sensors()
returns table (column_name text, twin text, share double precision)
language sql
immutable
parallel safe
security invoker
set search_path = ''
as $$
  values ('s8', 's13', 0.3::double precision), ('s13', 's8', 0.3), ('s9', 's14', 0.14), ('s14', 's9', 0.14);
$$;

comment on function public.twin_sensors() is
  'Pairs of sensors of the same speed, physical and corrected, and how far wear takes them apart.';
