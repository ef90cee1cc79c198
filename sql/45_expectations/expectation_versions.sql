-- What the rules were: one row for each change of expectations, written by record_expectation_version. There is no
-- foreign key, because the history of a rule outlives it.
--
--   select changed_at, changed_by, before ->> 'max', after ->> 'max' from expectation_versions where expectation_id = 1;
create table public.expectation_versions (
  id bigint generated always as identity primary key,
  expectation_id bigint not null,
  version integer not null check (version > 0),
  operation text not null check (operation in ('insert', 'update', 'delete')),
  before jsonb,
  after jsonb,
  changed_at timestamptz not null,
  changed_by text not null,
  check ((operation = 'insert') = (before is null)),
  check ((operation = 'delete') = (after is null)),
  unique (expectation_id, version)
);

comment on table public.expectation_versions is
  'Every change of expectations: the rule before and after it, who made it and when. Written by a trigger, never by hand.';
comment on column public.expectation_versions.id is 'Identifier; ascending in the order of the changes.';
comment on column public.expectation_versions.expectation_id is 'The rule, which may be gone; expectations.id.';
comment on column public.expectation_versions.version is
  'The version that the change made; 1 when the rule was new, one more than its last version when it was deleted.';
comment on column public.expectation_versions.operation is 'insert, update or delete.';
comment on column public.expectation_versions.before is 'The whole row before the change; null when it was new.';
comment on column public.expectation_versions.after is 'The whole row after the change; null when it was deleted.';
comment on column public.expectation_versions.changed_at is 'When it was changed (UTC).';
comment on column public.expectation_versions.changed_by is
  'Who changed it: the signed-in user''s address or identifier where there is one, else the database role.';
