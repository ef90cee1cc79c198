-- The latest readings with the batch that brought them, its file, stream or request, the version of the code that stored
-- them, and the object of the lake that holds their day. For one reading: select * from reading_lineage('ENGINE_001', 1).
select
  unit_number, cycle, "timestamp", batches.id as batch_id, batches.source, batches.reference, batches.code_version,
  object.key as lake_object
from sensor_data
join engines on engines.id = engine_id
join batches on batches.id = batch_id
left join lake_objects as object
  on object.kind = 'sensor_data' and object.day = ("timestamp" at time zone 'UTC')::date
order by "timestamp" desc
limit 100;
