-- Requests that came again under the same identifier with other records: nothing is lost, as each was stored, but their
-- sender does not keep to its specification. Each row is one of those requests.
select
  receipt.request_id,
  receipt.stream,
  receipt.received_at,
  receipt.batch_id,
  batches.accepted,
  batches.duplicates,
  batches.rejected,
  receipt.digest
from (
  select *, count(*) over (partition by stream, request_id) as contents
  from delivery_receipts
) as receipt
left join batches on batches.id = receipt.batch_id
where receipt.contents > 1
order by receipt.request_id, receipt.stream, receipt.received_at;
