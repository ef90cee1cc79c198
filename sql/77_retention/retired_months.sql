-- The months of readings that are to leave Postgres and those that have left: what retention has done, and what keeps it from
-- doing more. A month goes in two steps, so that no reading slips in between (docs/decisions/0017-policies-that-act.md):
-- close_months lets no more readings in, and retire_months, an hour later or more, drops what the lake holds.
create table public.retired_months (
  month date primary key check (extract(day from month) = 1),
  closed_at timestamptz,
  dropped_at timestamptz,
  readings bigint check (readings >= 0),
  refused_since timestamptz,
  refusal text,
  check (dropped_at is null or closed_at is not null),
  check ((dropped_at is null) = (readings is null)),
  check ((refused_since is null) = (refusal is null)),
  check (dropped_at is null or refusal is null)
);

comment on table public.retired_months is
  'Months of sensor_data whose retention has passed: closed, then dropped, or refused with the reason. Written by close_months and retire_months.';
comment on column public.retired_months.month is 'First day of the month (UTC).';
comment on column public.retired_months.closed_at is
  'When intake_settings.accepted_from was moved beyond it (UTC): later readings of it are dead letters. Null while its days are not all in the lake.';
comment on column public.retired_months.dropped_at is 'When its partition was dropped (UTC); null while Postgres has it.';
comment on column public.retired_months.readings is 'How many readings left Postgres with it: each of them is in the lake.';
comment on column public.retired_months.refused_since is
  'Since when it could not go on its way (UTC); null when nothing is in the way. After three days an alert is raised.';
comment on column public.retired_months.refusal is 'What is in the way, and of which day.';
