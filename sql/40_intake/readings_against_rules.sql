-- Which values of a batch break a rule that says so at the intake (expectations.at_intake = 'reject'). Called by
-- ingest_readings, and only where there is such a rule.
--
--   datasets   what engines.dataset is of each reading's engine; null where it has none or is new
--   altitude … s21   as in ingest_readings
--   returns    one row for each broken value: the reading's place in the arrays from 1, its column and that column's
--              place among the columns, and why
--
-- mostly and severity are for those who look at many readings; here each is judged by itself.
--
-- One column after another, and only those that have such a rule: all of them at once is a join that the planner,
-- which cannot see into arrays, got wrong by a factor of ten.
--
--   select * from public.readings_against_rules('{FD001}', '{0}', '{0}', '{100}', '{642}', …);
create function public.readings_against_rules(
  datasets text[],
  altitude real[],
  mach_number real[],
  tra real[],
  s2 real[],
  s3 real[],
  s4 real[],
  s7 real[],
  s8 real[],
  s9 real[],
  s11 real[],
  s12 real[],
  s13 real[],
  s14 real[],
  s15 real[],
  s17 real[],
  s20 real[],
  s21 real[]
)
returns table (place bigint, column_place integer, path text, reason text)
language plpgsql
stable
security invoker
set search_path = ''
as $$
#variable_conflict use_column
declare
  conditions smallint[];
  rules record; -- those of one kind about one column, as arrays
begin
  conditions := array(
    select coalesce(
      (
        select operating_conditions.condition
        from public.operating_conditions
        where reading.altitude between operating_conditions.altitude_min and operating_conditions.altitude_max
          and reading.mach_number between operating_conditions.mach_number_min and operating_conditions.mach_number_max
          and reading.tra between operating_conditions.tra_min and operating_conditions.tra_max
        order by operating_conditions.condition
        limit 1
      ),
      0
    )
    from unnest(altitude, mach_number, tra) with ordinality as reading (altitude, mach_number, tra, place)
    order by reading.place
  );

  for rules in
    select
      effective.kind,
      effective.column_name,
      array_position(array[
        'altitude', 'mach_number', 'tra', 's2', 's3', 's4', 's7', 's8', 's9', 's11', 's12', 's13', 's14', 's15', 's17',
        's20', 's21'
      ], effective.column_name) as column_place,
      array_agg(effective.dataset) as datasets,
      array_agg(effective.condition) as conditions,
      array_agg(effective.min) as minima,
      array_agg(effective.max) as maxima,
      array_agg(expectations.condition) as own_conditions
    from public.effective_expectations as effective
    join public.expectations on expectations.id = effective.expectation_id
    where effective.at_intake = 'reject' and (effective.dataset is null or effective.dataset = any (datasets))
    group by effective.kind, effective.column_name
  loop
    return query
    select
      reading.place,
      rules.column_place,
      rules.column_name,
      case rules.kind
        when 'nulls' then format('Cannot accept %s as it must have a value: current value is missing', rules.column_name)
        else format(
          'Cannot accept %s as it must be %s%s: current value is %s',
          rules.column_name,
          case
            when rule.min is null then format('at most %s', rule.max)
            when rule.max is null then format('at least %s', rule.min)
            else format('between %s and %s', rule.min, rule.max)
          end,
          case
            when rule.own_condition is null then ' in ' || reading.dataset
            else concat_ws(' of ', format(' in condition %s', rule.own_condition), reading.dataset)
          end,
          reading.value
        )
      end
    from unnest(
      datasets,
      conditions,
      case rules.column_name
        when 'altitude' then altitude when 'mach_number' then mach_number when 'tra' then tra
        when 's2' then s2 when 's3' then s3 when 's4' then s4 when 's7' then s7 when 's8' then s8 when 's9' then s9
        when 's11' then s11 when 's12' then s12 when 's13' then s13 when 's14' then s14 when 's15' then s15
        when 's17' then s17 when 's20' then s20 when 's21' then s21
      end
    ) with ordinality as reading (dataset, condition, value, place)
    join unnest(rules.datasets, rules.conditions, rules.minima, rules.maxima, rules.own_conditions)
      as rule (dataset, condition, min, max, own_condition)
      on rule.dataset is not distinct from reading.dataset
    where case rules.kind
      when 'nulls' then reading.value is null
      -- in single precision, as everywhere
      else rule.condition = reading.condition and (reading.value < rule.min::real or reading.value > rule.max::real)
    end;
  end loop;
end;
$$;

comment on function public.readings_against_rules is
  'Values of a batch that break a rule whose at_intake is reject, with the reason. Part of ingest_readings.';
