-- What people and jobs have changed in the last seven days, the latest first.
select at, actor, action, target, details
from audit_log
where at > now() - interval '7 days'
order by at desc, id desc;
