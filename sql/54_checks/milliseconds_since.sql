-- Time that has passed since a moment of this session, in whole milliseconds.
create or replace function public.milliseconds_since(moment timestamptz)
returns integer
language sql
volatile
security invoker
set search_path = ''
as $$
  select round(extract(epoch from clock_timestamp() - moment) * 1000)::integer;
$$;

comment on function public.milliseconds_since(timestamptz) is 'Milliseconds since a moment, by the wall clock.';
