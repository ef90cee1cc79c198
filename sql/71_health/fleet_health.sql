-- How each fleet stands: engines of the same dataset and cohort (engines.cohort, else the half of the dataset). Of engines
-- that are retired or have failed only the number counts.
--
-- look_at_first are up to ten active engines, in this order: those with 30 flight cycles left or fewer (lower end of the
-- interval, where there is one, less the cycles flown since) or in a severe episode of anomalies; those in an episode
-- of anomalies; those whose health is not ok. Among them the one with the least life left comes first. Engines
-- with nothing to say are not in it, and an engine that nobody has judged (unknown) is not a reason to look at it.
--
--   select dataset, cohort, active, look_at_first from fleet_health;
create view public.fleet_health
with (security_invoker = true) as
with engine as (
  select
    health.*,
    coalesce(engines.cohort, engines.subset) as cohort,
    case
      -- greatest() of null and 0 is 0
      when health.predicted_rul is not null then
        greatest(
          coalesce(health.lower_bound, health.predicted_rul) - greatest(health.last_cycle - health.predicted_at_cycle, 0), 0
        )
    end as least_cycles_left
  from public.engine_health as health
  join public.engines on engines.unit_number = health.unit_number
),
ranked as (
  select
    engine.*,
    row_number() over (
      partition by engine.dataset, engine.cohort
      order by tier.number, engine.least_cycles_left, engine.wear desc nulls last, engine.unit_number
    ) as place,
    tier.number as tier
  from engine
  cross join lateral (
    select case
      when engine.status <> 'active' then null
      when engine.least_cycles_left <= 30 or engine.anomaly_severity = 'fail' then 1
      when engine.anomalous_since is not null then 2
      when engine.health in ('fail', 'warning') then 3
    end as number
  ) as tier
)
select
  ranked.dataset,
  ranked.cohort,
  count(*) as engines,
  count(*) filter (where ranked.status = 'active') as active,
  count(*) filter (where ranked.status = 'retired') as retired,
  count(*) filter (where ranked.status = 'failed') as failed,
  count(*) filter (where ranked.status = 'active' and ranked.health = 'ok') as healthy,
  count(*) filter (where ranked.status = 'active' and ranked.health = 'warning') as warning,
  count(*) filter (where ranked.status = 'active' and ranked.health = 'fail') as failing,
  count(*) filter (where ranked.status = 'active' and ranked.health = 'unknown') as unknown,
  count(*) filter (where ranked.status = 'active' and ranked.anomalous_since is not null) as anomalous,
  count(*) filter (where ranked.status = 'active' and ranked.anomalous_since is not null)::double precision
  / nullif(count(*) filter (where ranked.status = 'active'), 0) as anomalous_share,
  avg(ranked.wear) filter (where ranked.status = 'active') as mean_wear,
  count(*) filter (where ranked.status = 'active' and ranked.wear_trend = 'rising') as wear_rising,
  count(ranked.predicted_rul) filter (where ranked.status = 'active') as predicted,
  avg(ranked.predicted_rul::double precision) filter (where ranked.status = 'active') as mean_predicted_rul,
  min(ranked.predicted_rul) filter (where ranked.status = 'active') as least_predicted_rul,
  coalesce(
    jsonb_agg(
      jsonb_build_object(
        'unit_number', ranked.unit_number,
        'health', ranked.health,
        'predicted_rul', ranked.predicted_rul,
        'least_cycles_left', ranked.least_cycles_left,
        'anomalous_since', ranked.anomalous_since,
        'wear', ranked.wear,
        'modules', (select coalesce(jsonb_agg(hint -> 'module'), '[]') from jsonb_array_elements(ranked.inspect_first) as hint)
      )
      order by ranked.place
    ) filter (where ranked.tier is not null and ranked.place <= 10),
    '[]'
  ) as look_at_first
from ranked
where (select public.may_read('fleet_health'))
group by ranked.dataset, ranked.cohort;

comment on view public.fleet_health is
  'One row per fleet (dataset and cohort): its engines by status and health, anomalies, predicted lives, and which engines to look at first.';
comment on column public.fleet_health.dataset is 'Set of engines, FD001 for example; null: engines of none.';
comment on column public.fleet_health.cohort is 'Cohort of the engines (engines.cohort), else train or test; null: neither.';
comment on column public.fleet_health.engines is 'All engines.';
comment on column public.fleet_health.active is 'Engines that are active; what follows is about these, but for retired and failed.';
comment on column public.fleet_health.retired is 'Engines that are retired.';
comment on column public.fleet_health.failed is 'Engines that have failed.';
comment on column public.fleet_health.healthy is 'Engines whose health is ok.';
comment on column public.fleet_health.warning is 'Engines whose health is warning.';
comment on column public.fleet_health.failing is 'Engines whose health is fail.';
comment on column public.fleet_health.unknown is 'Engines whose health nobody has judged.';
comment on column public.fleet_health.anomalous is 'Engines that are in an episode of anomalies.';
comment on column public.fleet_health.anomalous_share is 'Their share; null without active engines.';
comment on column public.fleet_health.mean_wear is 'Mean wear of those whose wear is known.';
comment on column public.fleet_health.wear_rising is 'Engines whose wear rises (engine_health.wear_trend).';
comment on column public.fleet_health.predicted is 'Engines for which there is a prediction.';
comment on column public.fleet_health.mean_predicted_rul is 'Mean predicted remaining useful life, in flight cycles.';
comment on column public.fleet_health.least_predicted_rul is 'Least predicted remaining useful life, in flight cycles.';
comment on column public.fleet_health.look_at_first is
  'Up to ten active engines to look at, the first one first: unit_number, health, predicted_rul, least_cycles_left (lower end of the interval less the cycles flown since), anomalous_since, wear, modules.';
