-- One expectation of Great Expectations as a rule of expectations.
--
--   expectation   {"type", "kwargs", "meta"} of 1.x, or {"expectation_type", "kwargs", "meta"} of 0.18
--   returns       {"kind", "subset", "column_name", "condition", "min", "max", "mostly", …} with what the expectation
--                 says of severity, at_intake and description; or {"reason"} where there is no such rule here
--
-- Nothing that changes what an expectation means is passed over: an argument without a counterpart is a reason.
--
--   select public.read_great_expectation('{"type": "expect_table_row_count_to_equal", "kwargs": {"value": 20631}}');
create function public.read_great_expectation(expectation jsonb)
returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  type constant text := coalesce(expectation ->> 'type', expectation ->> 'expectation_type');
  -- null and false say nothing; the others are about how results are shown
  kwargs constant jsonb := (
    select coalesce(jsonb_object_agg(key, value), '{}')
    from jsonb_each(case jsonb_typeof(expectation -> 'kwargs') when 'object' then expectation -> 'kwargs' else '{}' end)
    where not value in ('null', 'false')
      and not key in ('batch_id', 'result_format', 'catch_exceptions', 'include_config', 'condition_parser')
  );
  spool constant jsonb := case jsonb_typeof(expectation #> '{meta,spool}')
    when 'object' then expectation #> '{meta,spool}' else '{}'
  end;
  known text[]; -- the arguments that are understood
  rule jsonb;
  unknown text;
  row_condition constant text[] := regexp_match(
    kwargs ->> 'row_condition', '^\s*(?:col\("|)(condition|subset)(?:"\)|)\s*==\s*["'']?(\w+)["'']?\s*$'
  );
begin
  rule := case type
    when 'expect_column_values_to_be_between' then jsonb_build_object(
      'kind', 'range', 'column_name', kwargs -> 'column', 'min', kwargs -> 'min_value', 'max', kwargs -> 'max_value'
    )
    when 'expect_column_values_to_not_be_null' then jsonb_build_object(
      'kind', 'nulls', 'column_name', kwargs -> 'column'
    )
    when 'expect_compound_columns_to_be_unique' then '{"kind": "duplicates"}'
    when 'expect_table_row_count_to_equal' then jsonb_build_object(
      'kind', coalesce(spool ->> 'kind', 'row_count'), 'min', kwargs -> 'value', 'max', kwargs -> 'value'
    )
    when 'expect_table_row_count_to_be_between' then jsonb_build_object(
      'kind', coalesce(spool ->> 'kind', 'row_count'), 'min', kwargs -> 'min_value', 'max', kwargs -> 'max_value'
    )
    when 'expect_column_unique_value_count_to_be_between' then jsonb_build_object(
      'kind', 'unit_count', 'min', kwargs -> 'min_value', 'max', kwargs -> 'max_value'
    )
    when 'expect_table_columns_to_match_set' then '{"kind": "schema", "max": 0}'
    when 'expect_column_to_exist' then '{"kind": "schema", "max": 0}'
  end;
  if rule is null then
    return jsonb_build_object('reason', 'there is no rule of this type');
  end if;

  known := case type
    when 'expect_column_values_to_be_between' then array['column', 'min_value', 'max_value', 'mostly', 'row_condition']
    when 'expect_column_values_to_not_be_null' then array['column', 'mostly']
    when 'expect_compound_columns_to_be_unique' then array['column_list', 'mostly']
    when 'expect_table_row_count_to_equal' then array['value', 'row_condition']
    when 'expect_table_row_count_to_be_between' then array['min_value', 'max_value', 'row_condition']
    when 'expect_column_unique_value_count_to_be_between' then
      array['column', 'min_value', 'max_value', 'row_condition']
    when 'expect_table_columns_to_match_set' then array['column_set', 'exact_match']
    else array['column', 'column_index']
  end;
  select key into unknown from jsonb_object_keys(kwargs) as key where not key = any (known) order by key limit 1;
  if found then
    return jsonb_build_object('reason', format('its argument %s has no counterpart here', unknown));
  end if;
  select key into unknown from unnest(array['value', 'min_value', 'max_value', 'mostly']) as key
  where jsonb_typeof(kwargs -> key) <> 'number' limit 1;
  if found then
    return jsonb_build_object(
      'reason', format('its argument %s must be a number: current value is %s', unknown, kwargs -> unknown)
    );
  end if;
  if kwargs ? 'row_condition' and (
    row_condition is null
    or row_condition[1] <> case rule ->> 'kind' when 'range' then 'condition' else 'subset' end
    or row_condition[1] = 'condition' and row_condition[2] !~ '^\d{1,4}$'
  ) then
    return jsonb_build_object('reason', format(
      'its row_condition must be like %s: current value is %s',
      case rule ->> 'kind' when 'range' then 'col("condition")==1' else 'col("subset")=="train"' end,
      kwargs ->> 'row_condition'
    ));
  end if;
  if type = 'expect_column_unique_value_count_to_be_between' and kwargs ->> 'column' is distinct from 'unit_number' then
    return jsonb_build_object('reason', 'distinct values are counted of unit_number only');
  end if;
  if type = 'expect_compound_columns_to_be_unique' and not coalesce(
    kwargs -> 'column_list' in (
      '["engine_id", "cycle"]', '["cycle", "engine_id"]', '["unit_number", "cycle"]', '["cycle", "unit_number"]'
    ), false
  ) then
    return jsonb_build_object('reason', 'only engine_id and cycle together are held to be unique');
  end if;
  -- whatever the rule about the schema finds, it finds for all columns
  select name into unknown
  from jsonb_array_elements_text(case
    when type = 'expect_column_to_exist' then jsonb_build_array(kwargs -> 'column')
    when type = 'expect_table_columns_to_match_set' and jsonb_typeof(kwargs -> 'column_set') = 'array'
      then kwargs -> 'column_set'
    else '[]'
  end) as name
  where not exists (
    select from pg_catalog.pg_attribute
    where attrelid = 'public.classified_readings'::regclass and attnum > 0 and attname = name
  )
  limit 1;
  if found then
    return jsonb_build_object('reason', format('readings have no column %s', unknown));
  end if;

  return jsonb_strip_nulls(rule || jsonb_build_object(
    'condition', case row_condition[1] when 'condition' then row_condition[2]::smallint end,
    'subset', case row_condition[1] when 'subset' then row_condition[2] end,
    'mostly', coalesce(kwargs -> 'mostly', '1'),
    'severity', coalesce(
      spool ->> 'severity',
      case expectation ->> 'severity' when 'critical' then 'fail' when 'warning' then 'warning' when 'info' then 'warning' end
    ),
    'at_intake', spool -> 'at_intake',
    'description', coalesce(
      spool ->> 'description', expectation ->> 'description',
      case jsonb_typeof(coalesce(expectation -> 'notes', expectation #> '{meta,notes}'))
        when 'string' then coalesce(expectation ->> 'notes', expectation #>> '{meta,notes}')
      end
    ),
    'every_column', spool -> 'every_column'
  ));
end;
$$;

comment on function public.read_great_expectation is
  'One expectation of Great Expectations (1.x or 0.18) as a rule of expectations, or the reason why there is none.';
