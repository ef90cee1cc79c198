-- The one row that quality_settings consists of.
insert into public.quality_settings default values on conflict do nothing;
