-- The latest decision whether models should be trained again, criterion by criterion: what failed first, then what could not
-- be judged, which is no pass. What became of the call of the hook is the same in each row; hook_note says why nobody
-- was called.
select
  decision.as_of,
  decision.retrain,
  criterion.name as criterion,
  criterion.evidence ->> 'verdict' as verdict,
  (criterion.evidence ->> 'value')::double precision as value,
  (criterion.evidence ->> 'threshold')::double precision as threshold,
  criterion.evidence ->> 'reason' as reason,
  criterion.evidence -> 'details' as details,
  decision.hook_state,
  decision.hook_note,
  decision.hook_error,
  decision.hook_answer
from (select * from retraining_decisions order by as_of desc limit 1) as decision
cross join lateral jsonb_each(decision.evidence) as criterion (name, evidence)
where jsonb_typeof(criterion.evidence) = 'object'
order by array_position(array['fail', 'not_evaluated', 'pass'], criterion.evidence ->> 'verdict'), criterion.name;
