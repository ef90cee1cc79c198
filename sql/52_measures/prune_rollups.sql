-- Deletes rollups that are older than quality_settings.rollups_kept, and moves rollup_horizon on. From there checks of
-- earlier windows read the readings themselves.
--
--   as_of    the present moment
--   returns  how many rollups were deleted
--
--   select prune_rollups();
create or replace function public.prune_rollups(as_of timestamptz default now())
returns bigint
language plpgsql
security invoker
set search_path = ''
as $$
declare
  deleted bigint;
begin
  update public.rollup_horizon
  set kept_from = greatest(kept_from, date_trunc('hour', as_of - settings.rollups_kept, 'UTC'))
  from public.quality_settings as settings;
  delete from public.reading_rollups where hour < (select kept_from from public.rollup_horizon);
  get diagnostics deleted = row_count;
  return deleted;
end;
$$;

comment on function public.prune_rollups(timestamptz) is
  'Deletes rollups older than quality_settings.rollups_kept and moves rollup_horizon on; returns how many.';
