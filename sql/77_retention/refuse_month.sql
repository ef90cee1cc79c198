-- Writes down what keeps a month of readings from leaving Postgres, and since when.
--
--   reason   in words; another reason than before does not begin the time anew
create or replace function public.refuse_month(month date, reason text)
returns void
language sql
volatile
security invoker
set search_path = ''
as $$
  insert into public.retired_months as known (month, refused_since, refusal)
  values (refuse_month.month, now(), reason)
  on conflict on constraint retired_months_pkey do update
  set
    refused_since = coalesce(known.refused_since, now()),
    refusal = excluded.refusal,
    -- it has been dropped once, and has a partition again
    dropped_at = null,
    readings = null;
$$;

comment on function public.refuse_month(date, text) is
  'Writes down in retired_months what keeps a month from leaving Postgres; part of close_months and retire_months.';
