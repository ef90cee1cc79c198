-- How often each engine is expected to send a reading: as configured, else as its own first readings came, else as
-- those of the other engines of its dataset or model. An engine that has hardly sent anything is silent, too.
create view public.engine_cadences
with (security_invoker = true) as
with learned as (
  select
    engines.id as engine_id,
    coalesce(engines.dataset, engines.model, '') as fleet,
    engines.cadence as configured,
    engine_baselines.cadence as learned
  from public.engines
  left join public.engine_baselines on engine_baselines.engine_id = engines.id
),
fleet as (
  select learned.fleet, percentile_cont(0.5) within group (order by coalesce(learned.configured, learned.learned)) as cadence
  from learned
  group by learned.fleet
)
select
  learned.engine_id,
  coalesce(learned.configured, learned.learned, fleet.cadence) as cadence,
  case
    when learned.configured is not null then 'configured'
    when learned.learned is not null then 'learned'
    when fleet.cadence is not null then 'fleet'
  end as source
from learned
join fleet on fleet.fleet = learned.fleet
where (select public.may_read('engine_cadences'));

comment on view public.engine_cadences is 'Time between two readings that is expected of each engine, and where that is known from.';
comment on column public.engine_cadences.engine_id is 'Engine; engines.id.';
comment on column public.engine_cadences.cadence is 'Expected time from one reading to the next; null where nothing is known.';
comment on column public.engine_cadences.source is
  'configured: engines.cadence; learned: from its own first readings; fleet: median of its dataset or model.';
