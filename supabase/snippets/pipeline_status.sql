-- The latest run of each pipeline, task by task: what failed or is late comes first.
select pipeline, logical_time, run_state, sla_missed_at, task, kind, state, attempt, max_attempts, duration, error
from pipeline_status
order by
  (run_state = 'failed' or sla_missed_at is not null) desc nulls last,
  pipeline,
  task_run_id;
