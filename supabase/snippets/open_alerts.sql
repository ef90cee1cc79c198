-- What is wrong now, the worst first. To take one on, or to say that it is over:
--   select acknowledge_alert(17, 'anna@example.com');
--   select resolve_alert(17, 'anna@example.com');
select id, severity, state, kind, subject, summary, age, occurrences, acknowledged_by, delivery_error
from open_alerts;
