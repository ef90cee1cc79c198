-- The rules of one set of engines as a suite of Great Expectations 1.x: a JSON document that its own
-- ExpectationSuite reads, and import_expectation_suite here.
--
--   dataset   set of engines, FD001 for example; null: the rules for every engine without rules of its own
--   returns   {"name", "expectations": [{"type", "kwargs", "meta"}], "meta"}
--
-- What Great Expectations has no field for is in meta.spool of each expectation. Rules that it has no expectation for
-- (drift, freshness, …), and those that are switched off, are in meta.spool.expectations of the suite: it passes them
-- by, and nothing is lost on the way back. The columns are those of classified_readings; row_condition tells
-- operating conditions apart by its column condition, and train from test by the column subset of training_data.
-- A nulls rule for every column becomes one expectation for each column that has no rule of its own.
--
--   select jsonb_pretty(public.export_expectation_suite('FD001'));
create function public.export_expectation_suite(dataset text)
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
  with rules as (
    select
      expectations.*,
      -- the rule without what the database keeps by itself
      to_jsonb(expectations)
        - array['id', 'dataset', 'version', 'updated_at', 'updated_by'] as rule,
      jsonb_build_object(
        'kind', kind, 'severity', severity, 'at_intake', at_intake, 'description', description
      ) || case when kind = 'nulls' and column_name is null then '{"every_column": true}' else '{}' end::jsonb as spool
    from public.expectations
    where expectations.dataset is not distinct from export_expectation_suite.dataset
  ),
  expressed as (
    select
      rules.id,
      columns.place,
      mapped.type,
      jsonb_strip_nulls(mapped.kwargs) || case
        when rules.condition is not null then jsonb_build_object(
          'row_condition', format('col("condition")==%s', rules.condition), 'condition_parser', 'great_expectations'
        )
        when rules.subset is not null then jsonb_build_object(
          'row_condition', format('col("subset")=="%s"', rules.subset), 'condition_parser', 'great_expectations'
        )
        else '{}'
      end as kwargs,
      jsonb_build_object('spool', rules.spool) as meta
    from rules
    cross join lateral (
      select place, coalesce(rules.column_name, every.column_name) as column_name
      from unnest(case when rules.spool ? 'every_column' then array[
        'altitude', 'mach_number', 'tra', 's2', 's3', 's4', 's7', 's8', 's9', 's11', 's12', 's13', 's14', 's15', 's17',
        's20', 's21'
      ] else array[null] end) with ordinality as every (column_name, place)
      where every.column_name is null or not exists (
        select from rules as own where own.kind = 'nulls' and own.active and own.column_name = every.column_name
      )
    ) as columns
    cross join lateral (
      select
        'expect_column_values_to_be_between' as type,
        jsonb_build_object(
          'column', columns.column_name, 'min_value', rules.min, 'max_value', rules.max, 'mostly', rules.mostly
        ) as kwargs
      where rules.kind = 'range'
      union all
      select
        'expect_column_values_to_not_be_null',
        jsonb_build_object('column', columns.column_name, 'mostly', rules.mostly)
      where rules.kind = 'nulls'
      union all
      select
        'expect_compound_columns_to_be_unique',
        jsonb_build_object('column_list', jsonb_build_array('engine_id', 'cycle'), 'mostly', rules.mostly)
      where rules.kind = 'duplicates'
      union all
      select 'expect_table_row_count_to_equal', jsonb_build_object('value', rules.min)
      where rules.kind in ('row_count', 'not_empty') and rules.min = rules.max
      union all
      select
        'expect_table_row_count_to_be_between', jsonb_build_object('min_value', rules.min, 'max_value', rules.max)
      where rules.kind in ('row_count', 'not_empty') and rules.min is distinct from rules.max
      union all
      select
        'expect_column_unique_value_count_to_be_between',
        jsonb_build_object('column', 'unit_number', 'min_value', rules.min, 'max_value', rules.max)
      where rules.kind = 'unit_count'
      union all
      select
        'expect_table_columns_to_match_set',
        jsonb_build_object(
          'column_set', (
            select jsonb_agg(attname order by attnum)
            from pg_catalog.pg_attribute
            where attrelid = 'public.classified_readings'::regclass and attnum > 0
          ),
          'exact_match', true
        )
      where rules.kind = 'schema' and rules.min is null and rules.max = 0
    ) as mapped
    where rules.active
  )
  select jsonb_build_object(
    'name', coalesce(export_expectation_suite.dataset, 'every engine'),
    'expectations', coalesce((
      select jsonb_agg(jsonb_build_object('type', type, 'kwargs', kwargs, 'meta', meta) order by id, place)
      from expressed
    ), '[]'),
    'meta', jsonb_build_object('spool', jsonb_build_object(
      'dataset', export_expectation_suite.dataset,
      'expectations', coalesce((
        select jsonb_agg(rule order by id) from rules where id not in (select id from expressed)
      ), '[]')
    ))
  )
$$;

comment on function public.export_expectation_suite is
  'Rules of one set of engines (null: those of every engine) as a suite of Great Expectations 1.x; import_expectation_suite reads it back without loss.';
