-- When an observation becomes an alert's change, and when people hear of it. One row, edited in Studio; it takes
-- effect with the next observation. Who hears of which severity is each channel's own (alert_channels).
create table public.alert_settings (
  id boolean primary key default true check (id),
  resolve_after integer not null default 2 check (resolve_after between 1 and 100),
  flap_window interval not null default '2 hours' check (flap_window >= '0'),
  flap_limit integer not null default 3 check (flap_limit between 1 and 100),
  repeat_after interval check (repeat_after >= '1 minute'),
  most_subjects integer not null default 20 check (most_subjects between 1 and 1000),
  delivery_attempts integer not null default 12 check (delivery_attempts between 1 and 100)
);

comment on table public.alert_settings is
  'When observations open, reopen and resolve alerts, and when people hear of it. Exactly one row; a change takes effect with the next observation.';
comment on column public.alert_settings.id is 'Always true: it keeps the table at one row.';
comment on column public.alert_settings.resolve_after is
  'How many observations in a row must pass before an alert is resolved.';
comment on column public.alert_settings.flap_window is
  'An alert that fails again within this time of its resolution is reopened, instead of a new one being opened.';
comment on column public.alert_settings.flap_limit is
  'An alert that was reopened more often than this within flap_window is held back: nobody is notified until it has not changed for flap_window.';
comment on column public.alert_settings.repeat_after is
  'Time after which an open alert that still fails and that nobody has acknowledged is notified again; null means never.';
comment on column public.alert_settings.most_subjects is
  'When more subjects of one kind than this begin to fail in one observation, they become one alert with the subject *.';
comment on column public.alert_settings.delivery_attempts is
  'How often a delivery is tried before it is dead.';
