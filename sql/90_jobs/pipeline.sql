-- The pipelines of the product. What somebody has changed stays: its period, its limits, whether it is active.
insert into public.pipelines (name, description, period, next_logical_time, sla)
values (
  'hourly',
  'Checks the readings of the last 24 hours, scores them for anomalies, predicts remaining life, reports the engines'' health, and decides about retraining.',
  '1 hour',
  -- the hour that has just ended, so that there is something to see at once, unless its run would be late already
  date_trunc('hour', now() + interval '35 minutes', 'UTC'),
  '30 minutes'
),
(
  'daily',
  'Archives the days that are over into the lake, reports on them, reads back what is there, and lets go of readings whose retention has passed.',
  '1 day',
  -- two hours after midnight (UTC): what arrives late on its day is there, and the hourly run has seen it
  date_trunc('day', now() + interval '22 hours', 'UTC') + interval '2 hours',
  '4 hours'
)
on conflict do nothing;

insert into public.pipeline_tasks (pipeline, name, kind, handler, description)
values
  ('hourly', 'quality', 'sql', 'task_quality', 'Runs all checks.'),
  ('hourly', 'health_report', 'sql', 'task_health_report', 'Reports the health of each engine.'),
  ('hourly', 'retraining_check', 'sql', 'task_retraining_check', 'Decides whether the model needs training again.'),
  ('hourly', 'retraining_hook', 'queue', 'call_retraining_hook', 'Starts the training that was decided, where a hook is configured.'),
  ('hourly', 'alert_delivery', 'queue', 'deliver_alerts', 'Delivers the alerts that the checks raised.'),
  ('daily', 'close_months', 'sql', 'task_close_months', 'Lets no more readings in of the months whose retention has passed.'),
  ('daily', 'report', 'queue', 'report', 'Writes the report of the day that is over, and the suites that have changed.'),
  ('daily', 'verify_lake', 'queue', 'verify_lake', 'Reads back what is in the lake, and compares it with its listing.'),
  ('daily', 'lineage', 'sql', 'task_lineage', 'Measures how much of what is stored can be traced to where it came from.')
on conflict do nothing;

-- it reads a whole month
insert into public.pipeline_tasks (pipeline, name, kind, handler, timeout, description)
values
  (
    'daily', 'retention', 'sql', 'task_retention', '2 hours',
    'Drops the oldest month of readings whose retention has passed, when the lake verifiably holds it.'
  )
on conflict do nothing;

-- many attempts soon after each other: each does as much as a function may, so a backlog takes several
insert into public.pipeline_tasks (pipeline, name, kind, handler, max_attempts, backoff_base, backoff_cap, description)
values
  (
    'hourly', 'anomalies', 'queue', 'score_anomalies', 100, '1 second', '10 seconds',
    'Scores the readings that have come, and looks for anomalies among them.'
  ),
  (
    'hourly', 'predictions', 'queue', 'predict_rul', 100, '1 second', '10 seconds',
    'Predicts the remaining life of the engines that have sent readings.'
  ),
  (
    'daily', 'archive', 'queue', 'archive', 100, '10 seconds', '1 minute',
    'Writes the days that are over and not in the lake as they are now.'
  )
on conflict do nothing;

-- Until 0.5 anomalies were looked for by a function in Postgres that is gone. A task that somebody has pointed at a
-- handler of their own is theirs; of the others, what somebody has changed beside the handler stays.
update public.pipeline_tasks
set
  kind = 'queue',
  handler = 'score_anomalies',
  max_attempts = case max_attempts when 5 then 100 else max_attempts end,
  backoff_base = case when (backoff_base, backoff_cap) = ('1 minute', '15 minutes') then '1 second' else backoff_base end,
  backoff_cap = case when (backoff_base, backoff_cap) = ('1 minute', '15 minutes') then '10 seconds' else backoff_cap end,
  description = case description
    when 'Looks for anomalies.' then 'Scores the readings that have come, and looks for anomalies among them.'
    else description
  end
where kind = 'sql' and handler = 'task_anomalies';

update public.pipelines
set description =
  'Checks the readings of the last 24 hours, scores them for anomalies, predicts remaining life, reports the engines'' health, and decides about retraining.'
where name = 'hourly' and description =
  'Checks the readings of the last 24 hours, then looks for anomalies, reports the engines'' health, and decides about retraining.';

insert into public.pipeline_task_dependencies (pipeline, task, depends_on)
values
  ('hourly', 'anomalies', 'quality'),
  ('hourly', 'predictions', 'quality'),
  ('hourly', 'health_report', 'quality'),
  ('hourly', 'health_report', 'anomalies'),
  ('hourly', 'health_report', 'predictions'),
  ('hourly', 'retraining_check', 'anomalies'),
  ('hourly', 'retraining_check', 'predictions'),
  ('hourly', 'retraining_check', 'health_report'),
  ('hourly', 'retraining_hook', 'retraining_check'),
  ('hourly', 'alert_delivery', 'quality'),
  ('daily', 'report', 'archive'),
  ('daily', 'lineage', 'archive'),
  ('daily', 'verify_lake', 'archive'),
  -- the archive does not wait for the retention, only the retention for the archive
  ('daily', 'retention', 'close_months'),
  ('daily', 'retention', 'verify_lake')
on conflict do nothing;
