-- One object of the lake with the batches inside: GET /catalog/lake/{key}.
--
--   returns  the row of lake_objects, and batches: each with how many of its readings are in the object, where it
--            came from and which version stored it. Null where there is no such object
--
--   select lake_object_contents('processed/year=2024/month=01/day=01/sensor_data.parquet') -> 'batches';
create or replace function public.lake_object_contents(key text)
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
  select to_jsonb(objects) || jsonb_build_object(
    'batches', (
      select coalesce(
        jsonb_agg(
          jsonb_build_object(
            'batch_id', held.batch_id,
            'row_count', held.row_count,
            'source', batches.source,
            'reference', batches.reference,
            'input', case when batches.id is not null then public.batch_input(batches.source, batches.reference) end,
            'code_version', batches.code_version,
            'received_at', batches.received_at
          )
          order by batches.received_at, held.batch_id
        ),
        '[]'
      )
      from public.lake_object_batches as held
      left join public.batches on batches.id = held.batch_id
      where held.key = objects.key
    )
  )
  from public.lake_objects as objects
  where objects.key = lake_object_contents.key;
$$;

comment on function public.lake_object_contents(text) is
  'One object of the lake with the batches inside and where each came from; the same as GET /catalog/lake/{key}.';
