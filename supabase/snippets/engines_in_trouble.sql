-- Engines that are not ok, with the reasons: the worst first, then those that have been silent longest.
select unit_number, health, array_to_string(reasons, '; ') as reasons, last_reading_at, silent_for, wear
from engine_health
where health <> 'ok'
order by array_position(array['fail', 'warning', 'unknown'], health), silent_for desc nulls first;
