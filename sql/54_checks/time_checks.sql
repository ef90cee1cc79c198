-- Runs checks that share what engine_windows has measured, one after the other. An error in one ends them all: whoever
-- wants the others all the same has run_check for each.
--
--   check_names  of functions check_NAME(interval, timestamptz, engine_window[])
--   seen         engine_windows of the window
--   returns      a row per check, with what it returns and how long it took
--
--   select check_name, milliseconds from time_checks('{nulls,range}', '24 hours', now(), null);
create or replace function public.time_checks(
  check_names text[], check_window interval, as_of timestamptz, seen public.engine_window[]
)
returns table (check_name text, milliseconds integer, results public.check_result[])
language plpgsql
stable
parallel safe
cost 10000000
security invoker
set search_path = ''
as $$
declare
  begun timestamptz;
begin
  foreach check_name in array check_names loop
    begun := clock_timestamp();
    execute format('select array(select found from public.%I($1, $2, $3) as found)', 'check_' || check_name)
      into results
      using check_window, as_of, seen;
    milliseconds := public.milliseconds_since(begun);
    return next;
  end loop;
end;
$$;

comment on function public.time_checks(text[], interval, timestamptz, public.engine_window[]) is
  'Runs checks that share what engine_windows has measured, one after the other, and tells how long each took.';
