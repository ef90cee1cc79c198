-- Learns how wear moves the sensors of each dataset, from its engines that have failed: their last 30 readings. Ten
-- engines at least; a dataset without them uses the signature with dataset null.
--
--   returns  how many datasets were learned: those whose number of failed engines or whose baselines have changed
create or replace function public.learn_wear_signatures()
returns integer
language plpgsql
security invoker
set search_path = ''
as $$
declare
  fleet record;
  learned integer := 0;
begin
  for fleet in
    select failed.*
    from (
      select
        engines.dataset,
        array_agg(engines.id order by engines.unit_number) as engine_ids,
        count(*) as engines,
        max(baseline.learned_at) as learned_at
      from public.engines
      join public.engine_baselines as baseline on baseline.engine_id = engines.id and baseline.complete
      where engines.status = 'failed' and engines.dataset is not null
      group by engines.dataset
      having count(*) >= 10
    ) as failed
    where not exists (
      select from public.wear_signatures as known
      where known.dataset = failed.dataset
        and known.engines = failed.engines and known.learned_at >= failed.learned_at
    )
  loop
    with shifts as materialized (
      select shift.engine_id, shift.column_name, shift.mean_shift
      from public.measure_shifts(fleet.engine_ids, 30, 'infinity') as shift
      where shift.mean_shift is not null and shift.window_readings >= 15
    ),
    signature as materialized (
      select shifts.column_name, avg(shifts.mean_shift) as shift from shifts group by shifts.column_name
    ),
    worn as (
      select
        shifts.engine_id,
        public.wear_of(
          array_agg(shifts.mean_shift order by shifts.column_name), array_agg(signature.shift order by shifts.column_name)
        ) as wear
      from shifts
      join signature using (column_name)
      group by shifts.engine_id
    )
    insert into public.wear_signatures (dataset, column_name, shift, spread, engines)
    select
      fleet.dataset,
      shifts.column_name,
      min(signature.shift),
      stddev_samp((shifts.mean_shift - worn.wear * signature.shift) / worn.wear),
      fleet.engines
    from shifts
    join signature using (column_name)
    join worn using (engine_id)
    where worn.wear > 0.2
    group by shifts.column_name
    having count(*) > 1
    on conflict (dataset, column_name) do update set
      shift = excluded.shift, spread = excluded.spread, engines = excluded.engines, learned_at = now();
    learned := learned + 1;
  end loop;
  return learned;
end;
$$;

comment on function public.learn_wear_signatures() is
  'Learns from failed engines how wear moves the sensors of each dataset; returns how many datasets were learned.';
