-- Which rules stand behind what fails now, and who has changed them when. A rule that nobody has changed since it was
-- installed has one version.
select
  concat_ws(' ', summary.metric_name, summary.column_name) as check,
  summary.status,
  summary.metric_value,
  rules.id as expectation_id,
  rules.dataset,
  rules.condition,
  rules.min,
  rules.max,
  rules.mostly,
  rules.severity,
  rules.description,
  versions.version,
  versions.operation,
  versions.changed_at,
  versions.changed_by,
  versions.before
from quality_summary as summary
join expectations as rules
  on rules.kind = summary.metric_name
  and (rules.column_name is null or rules.column_name = summary.column_name)
  and rules.active
left join expectation_versions as versions on versions.expectation_id = rules.id
where summary.status in ('warning', 'fail')
order by array_position(array['fail', 'warning'], summary.status), versions.changed_at desc nulls last, rules.id;
