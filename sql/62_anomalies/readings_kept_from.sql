-- From when on Postgres has all readings that it has got: months before it have gone to the lake (retire_months).
--
--   returns  -infinity while none has gone
--
--   select readings_kept_from();
create or replace function public.readings_kept_from()
returns timestamptz
language plpgsql -- the table is made later
stable
security invoker
set search_path = ''
as $$
begin
  return (
    select coalesce(max((retired.month + interval '1 month') at time zone 'UTC'), '-infinity')
    from public.retired_months as retired
    where retired.dropped_at is not null
  );
end;
$$;

comment on function public.readings_kept_from() is
  'From when on Postgres has all readings that it has got: months before it have gone to the lake; -infinity while none has.';
