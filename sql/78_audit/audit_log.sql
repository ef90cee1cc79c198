-- What was done by people and by jobs that change what the system does or holds: one row an act, written in the act's
-- own transaction, never changed.
create table public.audit_log (
  id bigint generated always as identity primary key,
  at timestamptz not null default clock_timestamp(),
  actor text not null,
  action text not null check (action ~ '^[a-z][a-z_]*\.[a-z][a-z_]*$'),
  target text not null,
  details jsonb not null default '{}' check (jsonb_typeof(details) = 'object')
);
create index audit_log_at on public.audit_log (at);

comment on table public.audit_log is 'Administrative acts: who did what to what, and when. Rows are added and never changed.';
comment on column public.audit_log.id is 'Identifier.';
comment on column public.audit_log.at is 'When it was done (UTC).';
comment on column public.audit_log.actor is 'Who did it: the signed-in user, the key, or the database role.';
comment on column public.audit_log.action is 'What was done, as subject.verb: retention.drop, asset.update, backup.create.';
comment on column public.audit_log.target is 'What it was done to: the name of an asset, a partition, a setting.';
comment on column public.audit_log.details is 'What changed, and the evidence: values before and after, counts, checksums.';
