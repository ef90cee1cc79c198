-- Reads a suite of Great Expectations into expectations: what export_expectation_suite wrote, or any suite of 1.x or
-- 0.18. A rule that is there already (the same kind, subset, column and condition) is changed, else it is new.
--
--   suite     the document. Its dataset is meta.spool.dataset, where that is missing its name
--   replace   also delete the rules of the dataset that the suite does not have. Not when anything was skipped: what
--             could not be read may be what they stand for
--   returns   {"dataset", "imported", "unchanged", "deleted", "skipped": [{"index", "expectation_type", "reason"}]};
--             index is the place in expectations from 0, and null for those of meta.spool.expectations
--   errors    22023 when it is not a suite
--
-- An expectation that does not say severity, at_intake or a description leaves those of the rule as they are. Nothing
-- is dropped silently: what has no counterpart here is in skipped.
--
--   select public.import_expectation_suite(pg_read_file('/tmp/suite.json')::jsonb);
create function public.import_expectation_suite(suite jsonb, replace boolean default false)
returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
#variable_conflict use_column
declare
  into_dataset text;
  item record;
  rule jsonb;
  every_column_rule jsonb; -- the nulls rule for every column, of which the suite has one expectation a column
  old public.expectations%rowtype;
  new public.expectations%rowtype;
  kept bigint[] := '{}';
  imported integer := 0;
  unchanged integer := 0;
  deleted integer := 0;
  skipped jsonb := '[]';
begin
  if jsonb_typeof(suite -> 'expectations') is distinct from 'array' then
    raise exception 'Cannot import suite as it must have a list of expectations: current value is %',
      coalesce(left(suite ->> 'expectations', 80), 'none')
      using errcode = '22023', hint = 'A suite is {"name": "FD001", "expectations": [{"type": …, "kwargs": {…}}]}.';
  end if;
  into_dataset := case
    when coalesce(suite #> '{meta,spool}' ? 'dataset', false) then suite #>> '{meta,spool,dataset}'
    else coalesce(suite ->> 'name', suite ->> 'expectation_suite_name')
  end;
  if into_dataset is null and not coalesce(suite #> '{meta,spool}' ? 'dataset', false) or btrim(into_dataset) = '' then
    raise exception 'Cannot import suite as its name must be there: current value is %', coalesce(into_dataset, 'null')
      using errcode = '22023', hint = 'The name of a suite is the dataset that its rules are for.';
  end if;

  for item in
    select place - 1 as index, expectation, null::jsonb as rule
    from jsonb_array_elements(suite -> 'expectations') with ordinality as given (expectation, place)
    union all
    select null, null, given.rule
    from jsonb_array_elements(case jsonb_typeof(suite #> '{meta,spool,expectations}')
      when 'array' then suite #> '{meta,spool,expectations}' else '[]'
    end) as given (rule)
  loop
    rule := coalesce(item.rule, public.read_great_expectation(item.expectation));
    if rule ? 'reason' then
      skipped := skipped || jsonb_build_object(
        'index', item.index,
        'expectation_type', coalesce(item.expectation ->> 'type', item.expectation ->> 'expectation_type'),
        'reason', rule -> 'reason'
      );
      continue;
    end if;
    if rule ? 'every_column' then
      -- one of them that was changed by hand is a rule of its column
      every_column_rule := coalesce(every_column_rule, rule - 'column_name');
      if every_column_rule = rule - 'column_name' then
        rule := every_column_rule;
      end if;
    end if;

    begin
      select * into old from public.expectations
      where dataset is not distinct from into_dataset
        and kind = rule ->> 'kind'
        and subset is not distinct from rule ->> 'subset'
        and column_name is not distinct from rule ->> 'column_name'
        and condition is not distinct from (rule ->> 'condition')::smallint;
      new := old;
      new.dataset := into_dataset;
      new.kind := rule ->> 'kind';
      new.subset := rule ->> 'subset';
      new.column_name := rule ->> 'column_name';
      new.condition := (rule ->> 'condition')::smallint;
      new.min := (rule ->> 'min')::double precision;
      new.max := (rule ->> 'max')::double precision;
      new.mostly := coalesce((rule ->> 'mostly')::double precision, 1);
      new.severity := coalesce(rule ->> 'severity', old.severity, 'fail');
      new.at_intake := coalesce(rule ->> 'at_intake', old.at_intake, 'accept');
      new.active := coalesce((rule ->> 'active')::boolean, true);
      new.description := coalesce(rule ->> 'description', old.description, 'imported');
      if new is not distinct from old then
        unchanged := unchanged + case when old.id = any (kept) then 0 else 1 end;
      elsif old.id is not null then
        update public.expectations set
          min = new.min, max = new.max, mostly = new.mostly, severity = new.severity, at_intake = new.at_intake,
          active = new.active, description = new.description
        where id = old.id;
        imported := imported + case when old.id = any (kept) then 0 else 1 end;
      else
        insert into public.expectations (
          dataset, kind, subset, column_name, condition, min, max, mostly, severity, at_intake, active, description
        )
        values (
          new.dataset, new.kind, new.subset, new.column_name, new.condition, new.min, new.max, new.mostly,
          new.severity, new.at_intake, new.active, new.description
        )
        returning id into old.id;
        imported := imported + 1;
      end if;
      kept := kept || old.id;
    exception when check_violation or not_null_violation or data_exception then
      skipped := skipped || jsonb_build_object(
        'index', item.index,
        'expectation_type', coalesce(
          item.expectation ->> 'type', item.expectation ->> 'expectation_type', item.rule ->> 'kind'
        ),
        'reason', sqlerrm
      );
    end;
  end loop;

  if replace and skipped = '[]' then
    delete from public.expectations
    where dataset is not distinct from into_dataset and not id = any (kept);
    get diagnostics deleted = row_count;
  end if;
  return jsonb_build_object(
    'dataset', into_dataset, 'imported', imported, 'unchanged', unchanged, 'deleted', deleted, 'skipped', skipped
  );
end;
$$;

comment on function public.import_expectation_suite is
  'Reads a suite of Great Expectations (1.x or 0.18) into expectations and says what was imported, unchanged and skipped, with the reasons.';
