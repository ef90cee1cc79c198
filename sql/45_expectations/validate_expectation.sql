-- Refuses a rule that makes no sense, in words that help where it is edited; a broken constraint would only give its
-- name. Trigger of expectations.
--
--   errors   23514 with the column's name in the message and a hint
--
-- Text that is there but empty, as Studio writes it when somebody clears a field, is taken as null.
create function public.validate_expectation()
returns trigger
language plpgsql
security invoker
set search_path = ''
as $$
declare
  of_files constant text[] := array[
    'text', 'columns', 'units', 'not_empty', 'row_count', 'unit_count', 'rul_file', 'rul_types', 'rul_count'
  ];
  of_rows constant text[] := array[
    'text', 'columns', 'types', 'nulls', 'range', 'cycles', 'duplicates', 'clock'
  ];
  of_measures constant text[] := array[
    'units', 'not_empty', 'row_count', 'unit_count', 'rul_file', 'rul_types', 'rul_count', 'completeness', 'freshness',
    'volume', 'schema', 'conditions', 'stuck', 'rejected', 'drift', 'fleet_drift', 'degradation',
    'arrival', 'copies', 'spikes', 'levels'
  ];
  sensors constant text[] := array[
    's2', 's3', 's4', 's7', 's8', 's9', 's11', 's12', 's13', 's14', 's15', 's17', 's20', 's21'
  ];
  value_columns constant text[] := array['altitude', 'mach_number', 'tra'] || sensors;
  largest_real constant double precision := 3.4028234e38;
  smallest_real constant double precision := 1.1754944e-38;
  columns text[]; -- those the kind of rule can be about
  broken text; -- the column that is wrong,
  requirement text; -- what it must be,
  present text; -- and what it is
begin
  new.dataset := nullif(btrim(new.dataset), '');
  new.subset := nullif(btrim(new.subset), '');
  new.column_name := nullif(btrim(new.column_name), '');
  columns := case
    when new.kind in ('range', 'nulls') then value_columns
    when new.kind in ('stuck', 'spikes', 'levels', 'drift', 'fleet_drift') then sensors
    else '{}'
  end;

  select problem.broken, problem.requirement, coalesce(problem.present, 'null')
  into broken, requirement, present
  from (
    values
      (1, 'kind', 'one of ' || array_to_string(of_files || of_rows[3:] || of_measures[8:], ', '), new.kind,
        new.kind is null or not new.kind = any (of_rows || of_measures)),
      (2, 'subset', 'null, train or test', new.subset, not new.subset in ('train', 'test')),
      (3, 'subset', 'null, as only rules of files tell train and test apart', new.subset,
        new.subset is not null and not new.kind = any (of_files)),
      (4, 'column_name', 'null, as the rule is about whole readings', new.column_name,
        new.column_name is not null and columns = '{}'),
      (5, 'column_name', 'one of ' || array_to_string(columns, ', '), new.column_name,
        columns <> '{}' and (not new.column_name = any (columns) or new.column_name is null and new.kind = 'range')),
      (6, 'condition', 'null, as only ranges tell operating conditions apart', new.condition::text,
        new.condition is not null and new.kind <> 'range'),
      (7, 'condition', 'null or a condition of operating_conditions', new.condition::text,
        new.condition is not null
        and not exists (select from public.operating_conditions where condition = new.condition)),
      (8, 'min', 'null, as the rule is about rows and mostly says how many', new.min::text,
        new.min is not null and new.kind = any (of_rows) and new.kind <> 'range'),
      (9, 'max', 'null, as the rule is about rows and mostly says how many', new.max::text,
        new.max is not null and new.kind = any (of_rows) and new.kind <> 'range'),
      (10, 'min', 'a number or null', new.min::text, abs(new.min) in ('Infinity', 'NaN')),
      (11, 'max', 'a number or null', new.max::text, abs(new.max) in ('Infinity', 'NaN')),
      (12, 'min', 'there, or max: a rule without bounds says nothing', null,
        new.min is null and new.max is null and (new.kind = 'range' or new.kind = any (of_measures))),
      (13, 'min', 'a number that a reading can have', new.min::text,
        new.kind = 'range' and new.min <> 0 and not abs(new.min) between smallest_real and largest_real),
      (14, 'max', 'a number that a reading can have', new.max::text,
        new.kind = 'range' and new.max <> 0 and not abs(new.max) between smallest_real and largest_real),
      (15, 'min', format('at most max, which is %s', new.max), new.min::text, new.min > new.max),
      (16, 'mostly', 'more than 0 and at most 1', new.mostly::text,
        new.mostly is null or not (new.mostly > 0 and new.mostly <= 1)),
      (17, 'mostly', '1, as the rule is about one number and has min and max', new.mostly::text,
        new.mostly <> 1 and new.kind = any (of_measures)),
      (21, 'min', 'between 0 and 1, as a share is measured', new.min::text,
        new.kind in ('completeness', 'conditions', 'rejected') and not new.min between 0 and 1),
      (22, 'max', 'between 0 and 1, as a share or a distance is measured', new.max::text,
        new.kind in ('completeness', 'conditions', 'rejected', 'drift', 'fleet_drift') and not new.max between 0 and 1),
      (18, 'severity', 'warning or fail', new.severity, new.severity is null or not new.severity in ('warning', 'fail')),
      (19, 'at_intake', 'accept or reject', new.at_intake,
        new.at_intake is null or not new.at_intake in ('accept', 'reject')),
      (20, 'at_intake', 'accept, as a single reading can only be held against ranges and nulls', new.at_intake,
        new.at_intake = 'reject' and not new.kind in ('nulls', 'range')),
      (21, 'active', 'true or false', new.active::text, new.active is null),
      (22, 'description', 'the rule in words', new.description, new.description is null or btrim(new.description) = '')
  ) as problem (place, broken, requirement, present, is_broken)
  where problem.is_broken
  order by problem.place
  limit 1;

  if broken is not null then
    raise exception 'Cannot save expectation as % must be %: current value is %', broken, requirement, present
      using errcode = 'check_violation', hint = 'The comments on the columns of expectations say what each is for.';
  end if;
  return new;
end;
$$;

comment on function public.validate_expectation is
  'Trigger of expectations: refuses a rule that makes no sense and says what is wrong with it.';

create trigger expectations_validate before insert or update on public.expectations
for each row execute function public.validate_expectation();
