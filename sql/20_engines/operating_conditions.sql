-- The conditions that engines fly in, as boxes of the three operating settings. C-MAPSS has six (Saxena et al.
-- 2008): a sensor's value means nothing without its condition, so ranges, baselines and drift compare within one.
-- Boxes must not overlap. A reading in none of them has condition 0.
create table public.operating_conditions (
  condition smallint primary key check (condition > 0),
  name text not null unique,
  altitude_min real not null,
  altitude_max real not null,
  mach_number_min real not null,
  mach_number_max real not null,
  tra_min real not null,
  tra_max real not null,
  check (altitude_min < altitude_max and mach_number_min < mach_number_max and tra_min < tra_max),
  -- a reading in two boxes would be counted twice
  constraint operating_conditions_overlap exclude using gist (
    numrange(altitude_min::numeric, altitude_max::numeric, '[]') with &&,
    numrange(mach_number_min::numeric, mach_number_max::numeric, '[]') with &&,
    numrange(tra_min::numeric, tra_max::numeric, '[]') with &&
  )
);

comment on table public.operating_conditions is
  'Operating conditions as boxes of altitude, Mach number and throttle. Edit them for a fleet that flies others; boxes must not overlap.';
comment on column public.operating_conditions.condition is 'Number of the condition, from 1; 0 stands for none of them.';
comment on column public.operating_conditions.name is 'What people call it.';
comment on column public.operating_conditions.altitude_min is 'Lowest altitude, in 1,000 ft.';
comment on column public.operating_conditions.altitude_max is 'Highest altitude, in 1,000 ft.';
comment on column public.operating_conditions.mach_number_min is 'Lowest Mach number.';
comment on column public.operating_conditions.mach_number_max is 'Highest Mach number.';
comment on column public.operating_conditions.tra_min is 'Lowest throttle resolver angle, in percent.';
comment on column public.operating_conditions.tra_max is 'Highest throttle resolver angle, in percent.';
