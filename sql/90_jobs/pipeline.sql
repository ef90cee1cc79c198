-- The pipelines of the product. What somebody has changed stays: its period, its limits, whether it is active.
insert into public.pipelines (name, description, period, next_logical_time, sla)
values (
  'hourly',
  'Checks the readings of the last 24 hours, then looks for anomalies, reports the engines'' health, and decides about retraining.',
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

-- many attempts soon after each other: each does as much as a function may, so a backlog of days takes several
insert into public.pipeline_tasks (pipeline, name, kind, handler, max_attempts, backoff_base, backoff_cap, description)
values
  (
    'daily', 'archive', 'queue', 'archive', 100, '10 seconds', '1 minute',
    'Writes the days that are over and not in the lake as they are now.'
  )
on conflict do nothing;

-- and so does the scoring: a backlog, such as after the first training, takes several attempts
insert into public.pipeline_tasks (pipeline, name, kind, handler, max_attempts, backoff_base, backoff_cap, description)
values
  (
    'hourly', 'anomalies', 'queue', 'score_anomalies', 100, '1 second', '10 seconds',
    'Scores the readings that have come, and looks for anomalies among them.'
  )
on conflict (pipeline, name) do update
set
  kind = excluded.kind,
  handler = excluded.handler,
  max_attempts = excluded.max_attempts,
  backoff_base = excluded.backoff_base,
  backoff_cap = excluded.backoff_cap,
  description = excluded.description
where pipeline_tasks.handler = 'task_anomalies';

insert into public.pipeline_task_dependencies (pipeline, task, depends_on)
values
  ('hourly', 'anomalies', 'quality'),
  ('hourly', 'health_report', 'quality'),
  ('hourly', 'retraining_check', 'anomalies'),
  ('hourly', 'retraining_check', 'health_report'),
  ('hourly', 'alert_delivery', 'quality'),
  ('daily', 'report', 'archive'),
  ('daily', 'lineage', 'archive'),
  ('daily', 'verify_lake', 'archive'),
  -- the archive does not wait for the retention, only the retention for the archive
  ('daily', 'retention', 'close_months'),
  ('daily', 'retention', 'verify_lake')
on conflict do nothing;
