-- Days that are over and whose readings are not in the lake as they are now: never written, changed since, or found
-- damaged when they were read back.
select days.day, case when object.key is null then 'never written' else coalesce(object.fault, 'changed since') end as why
from days_to_archive() as days
left join lake_objects as object on object.kind = 'sensor_data' and object.day = days.day
order by days.day;
