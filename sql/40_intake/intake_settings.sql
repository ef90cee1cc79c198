-- What the intake accepts. One row, edited in Studio; it takes effect with the next batch.
create table public.intake_settings (
  id boolean primary key default true check (id),
  unknown_engines text not null default 'register' check (unknown_engines in ('register', 'reject')),
  accepted_from timestamptz not null default '2000-01-01 00:00:00+00' check (isfinite(accepted_from)),
  accepted_ahead interval not null default '31 days' check (accepted_ahead between '0' and '366 days')
);

comment on table public.intake_settings is
  'What the intake accepts. Exactly one row; a change takes effect with the next batch.';
comment on column public.intake_settings.id is 'Always true: it keeps the table at one row.';
comment on column public.intake_settings.unknown_engines is
  'register: an engine is registered at its first reading; reject: readings of engines that are not in engines become dead letters.';
comment on column public.intake_settings.accepted_from is
  'Earliest timestamp that is accepted (UTC). Earlier ones are dead letters rather than new partitions.';
comment on column public.intake_settings.accepted_ahead is
  'How far ahead of the database''s clock a timestamp may be. Later ones are dead letters rather than new partitions.';
