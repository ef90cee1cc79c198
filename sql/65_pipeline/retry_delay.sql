-- How long to wait before the attempt after this one: capped exponential backoff with full jitter, random() times
-- min(cap, base · 2^(attempt - 1)). Full jitter rather than some, because many that failed together should not come
-- back together (Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015).
--
--   attempt  number of the attempt that failed, from 1
--   returns  0 to cap
--
--   select retry_delay(3, '1 minute', '15 minutes');   -- up to 4 minutes
create or replace function public.retry_delay(attempt integer, backoff_base interval, backoff_cap interval)
returns interval
language sql
volatile
security invoker
set search_path = ''
as $$
  -- in seconds, because an interval times 2^30 may be more than an interval holds
  select make_interval(secs => random() * least(
    extract(epoch from backoff_cap),
    extract(epoch from backoff_base) * power(2, least(attempt - 1, 30))
  ));
$$;

comment on function public.retry_delay(integer, interval, interval) is
  'Random wait before the next attempt: up to base, doubled with each attempt after the first, at most cap.';
