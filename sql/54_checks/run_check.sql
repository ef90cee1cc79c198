-- Runs one check. An error inside it is no verdict: it becomes not_evaluated, with the error as evidence, and the other
-- checks go on. Errors after which the same may succeed (a deadlock, a lost connection, no memory) are raised.
--
--   check_name  of a function check_NAME(interval, timestamptz), or one that also takes what engine_windows has measured;
--               where there is a run_NAME, which also keeps what it has measured, that is run
--   seen        engine_windows of the window; null: checks that need it measure it themselves
--   returns     what the check returns
--   raises      42883 for a check that does not exist
create or replace function public.run_check(
  check_name text, check_window interval, as_of timestamptz, seen public.engine_window[] default null
)
returns setof public.check_result
language plpgsql
security invoker
set search_path = ''
as $$
declare
  sharing constant regprocedure := to_regprocedure(
    format('public.%I(interval,timestamptz,public.engine_window[])', 'check_' || check_name)
  );
  routine constant regprocedure := coalesce(
    sharing,
    to_regprocedure(format('public.%I(interval,timestamptz)', 'run_' || check_name)),
    format('public.%I(interval,timestamptz)', 'check_' || check_name)::regprocedure
  );
begin
  -- %s is a function that exists, not text from outside
  if sharing is not null then
    return query execute format('select * from %s($1, $2, $3)', routine::regproc) using check_window, as_of, seen;
  else
    return query execute format('select * from %s($1, $2)', routine::regproc) using check_window, as_of;
  end if;
exception when others then
  if public.is_transient_sqlstate(sqlstate) then
    raise;
  end if;
  return query select
    check_name, null::text, null::uuid, null::double precision, null::double precision, null::double precision,
    'not_evaluated', 0::bigint,
    jsonb_build_object(
      'window_start', date_trunc('hour', as_of - check_window, 'UTC'), 'window_end', as_of,
      'error', sqlerrm, 'sqlstate', sqlstate, 'reason', 'the check itself failed: ' || sqlerrm
    );
end;
$$;

comment on function public.run_check(text, interval, timestamptz, public.engine_window[]) is
  'Runs one check by its name; an error inside it is returned as not_evaluated, with the error as evidence.';
