-- The one row that intake_settings consists of.
insert into public.intake_settings default values on conflict do nothing;
