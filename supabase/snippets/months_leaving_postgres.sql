-- Months whose retention has passed: when they were closed to new readings, when they left Postgres, and what keeps one.
select month, closed_at, dropped_at, readings, refusal, now() - refused_since as refused_for
from retired_months
order by month;
