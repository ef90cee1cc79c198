-- Writes to audit_log which rows a statement has changed, with the old and new values of the changed columns: trigger of
-- the tables that are administered by editing their rows.
--
--   subject  first word of the action: asset gives asset.insert, asset.update, asset.delete
--   keys     the columns that name a row, separated by commas
--   ignored  columns whose changes alone are no act: counters and stamps that the system keeps itself
--
-- One row of the log for each changed row. A statement that changes more than 20 of them is one act, of the system's own
-- seeds or somebody's mass edit: one row with their number and the first 20. An update that changes nothing leaves none.
--
-- Security definer: nobody may write the log by hand, so whoever changes a setting has no right to its table.
create or replace function public.audit_change()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  -- longer changes are told by their number
  most constant integer := 20;
  subject constant text := tg_argv[0];
  keys constant text[] := string_to_array(tg_argv[1], ',');
  ignored constant text[] := string_to_array(coalesce(tg_argv[2], ''), ',');
  befores jsonb := '[]';
  afters jsonb := '[]';
  changes jsonb[];
begin
  if tg_op <> 'INSERT' then
    select coalesce(jsonb_agg(to_jsonb(before_rows)), '[]') into befores from before_rows;
  end if;
  if tg_op <> 'DELETE' then
    select coalesce(jsonb_agg(to_jsonb(after_rows)), '[]') into afters from after_rows;
  end if;

  with keyed as (
    select
      stage,
      -- a table of one row is named by itself
      coalesce(
        (select string_agg(value ->> name, '/' order by place) from unnest(keys) with ordinality as named (name, place)),
        tg_table_name
      ) as key,
      value
    from (values ('was', befores), ('became', afters)) as stages (stage, rows)
    cross join jsonb_array_elements(stages.rows) as value
  ),
  was as (
    select key, value from keyed where stage = 'was'
  ),
  became as (
    select key, value from keyed where stage = 'became'
  ),
  compared as (
    select
      key,
      case
        when was.value is null then jsonb_build_object('new', became.value)
        when became.value is null then jsonb_build_object('old', was.value)
        else (
          select jsonb_build_object(
            'old', jsonb_object_agg(name, was.value -> name), 'new', jsonb_object_agg(name, became.value -> name)
          )
          from jsonb_object_keys(became.value) as name
          where was.value -> name is distinct from became.value -> name and name <> all (ignored)
        )
      end as change
    from was
    full join became using (key)
  )
  select array_agg(jsonb_build_object('target', key, 'change', change) order by key)
  into changes
  from compared
  where change -> 'old' <> 'null' or change -> 'new' <> 'null';

  if cardinality(changes) > most then
    perform public.record_audit(
      subject || '.' || lower(tg_op),
      tg_table_name,
      jsonb_build_object('rows', cardinality(changes), 'first', to_jsonb(changes[:most]))
    );
  else
    perform public.record_audit(subject || '.' || lower(tg_op), entry ->> 'target', entry -> 'change')
    from unnest(changes) as entry;
  end if;
  return null;
end;
$$;

comment on function public.audit_change() is
  'Trigger: writes to audit_log which rows a statement has changed, with the old and new values of the changed columns.';
