-- Active engines with readings in a window: those whose drift is worth measuring again.
create or replace function public.engines_to_compare(window_start timestamptz, as_of timestamptz)
returns uuid[]
language sql
stable
security invoker
set search_path = ''
as $$
  select coalesce(array_agg(engines.id), '{}')
  from public.engines
  where engines.status = 'active'
    and exists (
      select from public.sensor_data as reading
      where reading.engine_id = engines.id and reading."timestamp" >= window_start and reading."timestamp" <= as_of
    );
$$;

comment on function public.engines_to_compare(timestamptz, timestamptz) is 'Active engines with readings in a window.';
