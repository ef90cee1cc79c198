-- Raises 22023 where observations or their moment are not of the form that observe_alerts takes; names the first.
create or replace function public.require_alert_observations(observations jsonb, as_of timestamptz)
returns void
language plpgsql
immutable
security invoker
set search_path = ''
as $$
declare
  place bigint;
  wrong jsonb;
begin
  if as_of is null or not isfinite(as_of) then
    raise exception 'Cannot observe alerts as as_of must be a moment: current value is %', coalesce(as_of::text, 'null')
      using errcode = '22023';
  end if;
  if jsonb_typeof(observations) is distinct from 'array' then
    raise exception 'Cannot observe alerts as observations must be a JSON array: current value is %',
      coalesce(left(observations::text, 200), 'null')
      using errcode = '22023';
  end if;
  select number - 1, observation
  into place, wrong
  from jsonb_array_elements(observations) with ordinality as given (observation, number)
  where (
      jsonb_typeof(observation) = 'object'
      and jsonb_typeof(observation -> 'kind') = 'string'
      and length(observation ->> 'kind') between 1 and 300
      and jsonb_typeof(observation -> 'subject') = 'string'
      and length(observation ->> 'subject') between 1 and 300
      and jsonb_typeof(observation -> 'failing') = 'boolean'
      and (
        observation -> 'failing' = 'false'
        or (
          observation ->> 'subject' <> '*'
          and jsonb_typeof(observation -> 'summary') = 'string'
          and observation ->> 'summary' <> ''
          and coalesce(observation ->> 'severity', 'fail') in ('warning', 'fail')
          and coalesce(jsonb_typeof(observation -> 'evidence'), 'null') in ('object', 'null')
        )
      )
    ) is not true
  order by number
  limit 1;
  if found then
    raise exception
      'Cannot observe alerts as observations[%] must have kind and subject (1 to 300 characters), failing and, where it fails, a subject other '
      'than *, summary, a severity of warning or fail, and evidence that is an object: current value is %',
      place, left(wrong::text, 200)
      using errcode = '22023';
  end if;
end;
$$;

comment on function public.require_alert_observations(jsonb, timestamptz) is
  'Raises 22023 where observations are not of the form that observe_alerts takes.';
