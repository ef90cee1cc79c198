-- Puts a dead delivery into the outbox again, with all its attempts before it. What it tells is what happened then.
--
--   delivery_id  which; alert_deliveries.id
--   returns      the delivery as it is now: an object with the columns of alert_deliveries
--   raises       SP552 when there is no such delivery, or it is not dead
--
--   select retry_delivery(id) from alert_deliveries where state = 'dead';
create or replace function public.retry_delivery(delivery_id bigint, as_of timestamptz default now())
returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
  delivery public.alert_deliveries;
begin
  select * into delivery from public.alert_deliveries where id = delivery_id for update;
  if delivery.state is distinct from 'dead' then
    raise exception 'Cannot send delivery % again as it must be dead: %',
      delivery_id, coalesce('current value is ' || delivery.state, 'there is no such delivery')
      using errcode = 'SP552',
        hint = 'select * from alert_deliveries where state = ''dead'' lists those that are.';
  end if;
  update public.alert_deliveries
  set state = 'pending', attempts = 0, next_attempt_at = as_of
  where id = delivery_id
  returning * into delivery;
  return to_jsonb(delivery);
end;
$$;

comment on function public.retry_delivery(bigint, timestamptz) is
  'Puts a dead delivery into the outbox again; SP552 when it is not dead.';
