-- Runs a sql task that this session has claimed, and records its end in the same transaction: the task's work and the
-- word that it is done are stored together or not at all. A failure rolls back the work and is recorded.
--
--   task_run_id, attempt  what claim_sql_task() returned
--   as_of                 the present moment; the task itself gets its logical time
--   returns               succeeded, failed, or superseded: it was cancelled meanwhile, and its work is rolled back
create or replace function public.run_sql_task(task_run_id bigint, attempt integer, as_of timestamptz)
returns text
language plpgsql
security invoker
set search_path = ''
as $$
declare
  called record;
  returned jsonb;
  code text;
  message text;
  out_of_time boolean;
begin
  select tasks.handler, tasks.timeout, runs.logical_time, task_runs.timeout_at
  into called
  from public.task_runs
  join public.pipeline_runs as runs on runs.id = task_runs.run_id
  join public.pipeline_tasks as tasks on tasks.pipeline = task_runs.pipeline and tasks.name = task_runs.task
  where task_runs.id = run_sql_task.task_run_id;

  begin
    execute format('select public.%I($1)', called.handler) into returned using called.logical_time;
    set constraints all immediate; -- what is deferred would fail at the commit, where nobody could record it
    if not public.end_task_attempt(task_run_id, attempt, 'succeeded', as_of, result => returned) then
      raise exception 'superseded' using errcode = 'SP061';
    end if;
    return 'succeeded';
  exception
    -- neither a cancellation nor a failed assertion is among the others
    when others or query_canceled or assert_failure then
      get stacked diagnostics code = returned_sqlstate, message = message_text;
  end;
  if code = 'SP061' then
    return 'superseded';
  end if;
  out_of_time := code = '57014' and clock_timestamp() >= called.timeout_at;
  perform public.end_task_attempt(
    task_run_id,
    attempt,
    case when out_of_time then 'timed_out' else 'failed' end,
    as_of,
    transient => public.is_transient_sqlstate(code),
    error => case
      when out_of_time then format('Cannot go on as the task must end within %s', called.timeout)
      else message
    end,
    sqlstate => code
  );
  return 'failed';
end;
$$;

comment on function public.run_sql_task(bigint, integer, timestamptz) is
  'Runs a claimed sql task and records its end in the same transaction; part of pipeline_tick().';
