-- How the data stands now: the latest verdict of each check in the last 24 hours, and since when. The question for
-- any other stretch of time is quality_summary_between(since, until).
--
--   select * from quality_summary where status <> 'pass';
create view public.quality_summary
with (security_invoker = true) as
select
  table_name,
  metric_name,
  column_name,
  status,
  metric_value,
  threshold_min,
  threshold_max,
  rows_checked,
  check_timestamp,
  state_since,
  engines_failing,
  runs_passed,
  runs_warned,
  runs_failed,
  runs_not_evaluated,
  evidence
from public.quality_summary_between(now() - interval '24 hours', now())
where (select public.may_read('quality_summary'));

comment on view public.quality_summary is
  'Latest verdict of each check in the last 24 hours, with its evidence; checks without one are not_evaluated. The same rows as GET /quality/summary.';
comment on column public.quality_summary.table_name is 'Table that was checked, for example sensor_data.';
comment on column public.quality_summary.metric_name is 'The check: the kind of its expectation, for example completeness.';
comment on column public.quality_summary.column_name is 'Column the verdict is about; null when it is about whole readings.';
comment on column public.quality_summary.status is
  'Latest verdict: pass, warning, fail, or not_evaluated when there was too little to judge or no run judged it.';
comment on column public.quality_summary.metric_value is
  'The measured value, in the metric''s own unit; fractions are 0 to 1. Null only when not evaluated.';
comment on column public.quality_summary.threshold_min is 'Smallest value that passes; null means no lower bound.';
comment on column public.quality_summary.threshold_max is 'Largest value that passes; null means no upper bound.';
comment on column public.quality_summary.rows_checked is 'How many rows the check looked at.';
comment on column public.quality_summary.check_timestamp is
  'Moment the verdict is about (UTC); null when no run in the last 24 hours has judged it.';
comment on column public.quality_summary.state_since is
  'Since when every verdict has been this one (UTC), looking back as far as metrics are kept; of a check without a verdict in the last 24 hours, its last one.';
comment on column public.quality_summary.engines_failing is
  'How many engines broke the rule in the run of the latest verdict; the table can pass all the same.';
comment on column public.quality_summary.runs_passed is 'Verdicts of the last 24 hours that passed.';
comment on column public.quality_summary.runs_warned is 'Verdicts of the last 24 hours that warned.';
comment on column public.quality_summary.runs_failed is 'Verdicts of the last 24 hours that failed.';
comment on column public.quality_summary.runs_not_evaluated is 'Verdicts of the last 24 hours that were not_evaluated.';
comment on column public.quality_summary.evidence is
  'What the latest verdict rests on; reason and last_judged_at when there is none.';
