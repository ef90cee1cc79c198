-- The verdict on a measured value: a pure function of it and the rule.
--
--   value      what was measured; null where there was nothing to measure
--   min, max   what it must lie in, both ends included; null: no bound
--   severity   what it means when it lies outside: warning or fail
--   returns    pass, the severity, or not_evaluated; a value that is not a number has not passed
--
--   select public.expectation_verdict(0.97, 0.98, null, 'fail');   -- fail
create function public.expectation_verdict(
  value double precision,
  min double precision,
  max double precision,
  severity text
)
returns text
language sql
immutable
parallel safe
security invoker
set search_path = ''
as $$
  select case
    when value is null then 'not_evaluated'
    when value = 'NaN' or value < min or value > max then severity
    else 'pass'
  end
$$;

comment on function public.expectation_verdict is
  'Verdict on a measured value: pass, the rule''s severity when it lies outside min and max, not_evaluated when it is null.';
