-- The tables that are administered by editing their rows: each change is an act. Engines are told of when their status,
-- cohort or cadence is changed; that the intake registers one, and what the loader keeps in it, are no acts.
do $$
declare
  audited record;
  event record;
begin
  for audited in
    select *
    from (
      values
        ('alert_channels', 'alert_channel', 'name', 'paused_until', '{INSERT,UPDATE,DELETE}'::text[]),
        ('alert_settings', 'alert_settings', '', '', '{INSERT,UPDATE,DELETE}'),
        ('data_assets', 'asset', 'name', 'updated_at', '{INSERT,UPDATE,DELETE}'),
        (
          'engines', 'engine', 'unit_number',
          'model,manufactured_date,first_operation_date,dataset,subset,dataset_unit,life_cycles,rul_cap,updated_at',
          '{UPDATE,DELETE}'
        ),
        ('expectations', 'expectation', 'id', 'version,updated_at,updated_by', '{INSERT,UPDATE,DELETE}'),
        ('intake_settings', 'intake_settings', '', '', '{INSERT,UPDATE,DELETE}'),
        ('model_settings', 'model_settings', '', '', '{INSERT,UPDATE,DELETE}'),
        ('operating_conditions', 'operating_condition', 'condition', '', '{INSERT,UPDATE,DELETE}'),
        ('pipeline_task_dependencies', 'pipeline_task_dependency', 'pipeline,task,depends_on', '', '{INSERT,UPDATE,DELETE}'),
        ('pipeline_tasks', 'pipeline_task', 'pipeline,name', '', '{INSERT,UPDATE,DELETE}'),
        ('pipelines', 'pipeline', 'name', 'next_logical_time', '{INSERT,UPDATE,DELETE}'),
        ('quality_settings', 'quality_settings', '', '', '{INSERT,UPDATE,DELETE}')
    ) as tables (name, subject, keys, ignored, events)
  loop
    for event in
      select *
      from (
        values
          ('INSERT', 'new table as after_rows'),
          ('UPDATE', 'old table as before_rows new table as after_rows'),
          ('DELETE', 'old table as before_rows')
      ) as events (name, rows)
      where name = any (audited.events)
    loop
      execute format(
        'create trigger %I after %s on public.%I referencing %s for each statement execute function public.audit_change(%L, %L, %L)',
        'audit_' || lower(event.name), event.name, audited.name, event.rows, audited.subject, audited.keys, audited.ignored
      );
    end loop;
  end loop;
end;
$$;
