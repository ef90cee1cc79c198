-- A job that silently stops is the worst failure, so every scheduled job writes down its own last success.
create table public.jobs (
  name text primary key,
  schedule text not null,
  description text not null,
  last_started_at timestamptz,
  last_success_at timestamptz,
  last_result text,
  period interval not null default '1 day' check (period > '0'),
  registered_at timestamptz not null default now()
);

comment on table public.jobs is
  'Scheduled jobs and when each last succeeded. Written by the jobs themselves; an old last_success_at means a job has stopped.';
comment on column public.jobs.name is 'Name of the job, the same as in cron.job.jobname.';
comment on column public.jobs.schedule is 'Five-field cron expression in UTC; pg_cron 1.4 knows no seconds.';
comment on column public.jobs.description is 'What the job does, in one sentence.';
comment on column public.jobs.last_started_at is 'Start of the last attempt that got the job''s lock (UTC).';
comment on column public.jobs.last_success_at is 'Commit time of the last attempt that finished (UTC); null until the first.';
comment on column public.jobs.last_result is 'What the last successful attempt reported about itself.';
comment on column public.jobs.period is
  'Time between two runs by the schedule; a job that has not succeeded for two of them raises an alert.';
comment on column public.jobs.registered_at is 'When the job was made (UTC); until its first success its age counts from here.';
