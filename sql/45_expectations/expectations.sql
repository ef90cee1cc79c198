-- What is expected of the data, as rows: the loader, the intake and the scheduled checks read the same ones, and
-- people edit them in Studio. Of the rules with the same kind and column the most specific one counts: first by
-- dataset, then by condition. A rule that is switched off hides the less specific ones, too. The view
-- effective_expectations says which one that is.
--
-- What a kind of rule may hold is checked by validate_expectation, which says in words what is wrong; the constraints
-- here stand behind it.
create table public.expectations (
  id bigint generated always as identity primary key,
  dataset text,
  subset text check (subset in ('train', 'test')),
  kind text not null check (kind in (
    'text', 'columns', 'types', 'nulls', 'range', 'cycles', 'duplicates', 'units', 'not_empty',
    'row_count', 'unit_count', 'rul_file', 'rul_types', 'rul_count',
    'completeness', 'freshness', 'volume', 'schema', 'conditions', 'clock', 'stuck', 'rejected',
    'drift', 'fleet_drift', 'degradation', 'arrival', 'copies', 'spikes',
    'levels'
  )),
  column_name text,
  condition smallint references public.operating_conditions (condition),
  min double precision,
  max double precision,
  mostly double precision not null default 1 check (mostly > 0 and mostly <= 1),
  severity text not null default 'fail' check (severity in ('warning', 'fail')),
  at_intake text not null default 'accept' check (at_intake in ('accept', 'reject')),
  active boolean not null default true,
  description text not null,
  version integer not null default 1,
  updated_at timestamptz not null default now(),
  updated_by text not null default current_user,
  unique nulls not distinct (dataset, subset, kind, column_name, condition),
  check (min <= max),
  check (kind <> 'range' or column_name is not null),
  check (condition is null or kind = 'range'),
  check (column_name is null or kind in ('nulls', 'range', 'stuck', 'spikes', 'levels', 'drift', 'fleet_drift')),
  check (at_intake = 'accept' or kind in ('nulls', 'range'))
);
-- The intake asks with each batch whether it has anything to refuse; most have no such rule
create index expectations_at_intake on public.expectations (id) where at_intake = 'reject' and active;

comment on table public.expectations is
  'Rules the data is held against, by the loader, the intake and the scheduled checks. Edit them here; each change is kept in expectation_versions.';
comment on column public.expectations.id is 'Identifier.';
comment on column public.expectations.dataset is
  'Set of engines the rule is for (engines.dataset, FD001 for example); null: every engine without a rule of its own.';
comment on column public.expectations.subset is 'Rules of files: train or test; null: both.';
comment on column public.expectations.kind is
  'What is measured. Of files only: text, columns, units, not_empty, row_count, unit_count, rul_*. Of stored readings only: completeness, freshness, volume, schema, conditions, clock, stuck, spikes, levels, rejected, arrival, copies, drift, fleet_drift, degradation. Of both: types, nulls, range, cycles, duplicates.';
comment on column public.expectations.column_name is 'Column of a range rule (always), or of a nulls, stuck, spikes, levels or drift rule that is for one column only; null: whole readings, or every column.';
comment on column public.expectations.condition is 'Operating condition a range rule is for; null: all of them, and readings in none.';
comment on column public.expectations.min is
  'Smallest value that passes: of a range rule the smallest value of the column, else the smallest measured value; null: no lower bound. Rules of rows other than ranges have mostly instead.';
comment on column public.expectations.max is
  'Largest value that passes: of a range rule the largest value of the column, else the largest measured value; null: no upper bound.';
comment on column public.expectations.mostly is
  'Share of the rows that must keep a rule of rows (text, columns, types, nulls, range, cycles, duplicates, clock), more than 0 and at most 1, as in Great Expectations. The intake judges each reading by itself.';
comment on column public.expectations.severity is 'Verdict when the rule is broken: warning or fail.';
comment on column public.expectations.at_intake is
  'accept: readings that break a range or nulls rule are stored, and the scheduled check reports them; reject: they become dead letters.';
comment on column public.expectations.active is 'Off: the rule is not checked, nor a less specific one in its place.';
comment on column public.expectations.description is 'The rule in words.';
comment on column public.expectations.version is 'Counts up with each change.';
comment on column public.expectations.updated_at is 'When it was last changed (UTC).';
comment on column public.expectations.updated_by is 'The signed-in user who changed it last, else the database role.';
