-- The one row that model_settings consists of.
insert into public.model_settings default values on conflict do nothing;
