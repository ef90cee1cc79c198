-- Active engines with the least predicted life left: the lower end of the interval first, as it is what one plans by. Cycles
-- flown since the prediction are taken off; where there is no interval, the prediction itself counts. A model trained here
-- says no more than its cap (125 unless set), which means "as many or more".
select
  unit_number,
  predicted_rul,
  lower_bound,
  upper_bound,
  greatest(last_cycle - predicted_at_cycle, 0) as cycles_flown_since,
  predicted_by,
  wear,
  wear_trend,
  anomalous_since,
  health,
  (select string_agg(hint ->> 'module' || ': ' || (hint ->> 'why'), '; ') from jsonb_array_elements(inspect_first) as hint) as look_at_first
from engine_health
where status = 'active' and predicted_rul is not null
order by coalesce(lower_bound, predicted_rul) - greatest(last_cycle - predicted_at_cycle, 0), unit_number
limit 20;
