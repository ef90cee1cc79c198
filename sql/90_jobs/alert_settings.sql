-- The one row that alert_settings consists of, and a channel of each kind. What somebody has changed stays.
insert into public.alert_settings default values on conflict do nothing;
insert into public.alert_channels (name, kind) values ('webhook', 'webhook'), ('sns', 'sns') on conflict do nothing;
