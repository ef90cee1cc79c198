-- What does not pass, and why: the worst first. One row per check; each engine behind it is a row of
-- data_quality_metrics, and engines_in_trouble.sql lists them.
select
  status,
  concat_ws(' ', metric_name, column_name) as check,
  metric_value,
  threshold_min,
  threshold_max,
  state_since,
  engines_failing,
  coalesce(
    evidence ->> 'reason', evidence ->> 'failing', (evidence - array['window_start', 'window_end'])::text
  ) as why,
  evidence
from quality_summary
where status <> 'pass'
order by array_position(array['fail', 'warning', 'not_evaluated'], status), state_since;
