-- The heart of the pipelines, and the job spool-pipeline: makes the runs that are due, runs the sql tasks that are
-- ready, one after the other, and ends what has ended. It begins no task after 50 seconds: the next minute's tick goes
-- on, and a time limit on statements (two minutes on Supabase) is not used up by a long line of short tasks. When a session, a worker or the whole server died in between,
-- the next tick finds what was lost and goes on from there.
--
--   as_of   the present moment
--   raises  2D000 inside a transaction, which it could not commit; what went wrong in the bookkeeping itself. A task
--           that fails is no error of the tick.
--
-- A procedure, because each task runs in a transaction of its own: the claim is committed before it and the end
-- together with it. Such a procedure must have no SET clause, so every name is qualified.
--
-- One tick at a time: its lock is held by the session, because a lock of a transaction would be free between two
-- tasks. It is released on every path: after a failure too, which is caught for that, and by a session's end.
--
--   call pipeline_tick();
create or replace procedure public.pipeline_tick(as_of timestamptz default now())
language plpgsql
security invoker
as $$
declare
  started_at constant pg_catalog.timestamptz := pg_catalog.clock_timestamp();
  begin_until constant pg_catalog.timestamptz := started_at operator(pg_catalog.+) interval '50 seconds';
  claimed pg_catalog.record;
  tasks_run pg_catalog.int4 := 0;
  code pg_catalog.text;
  message pg_catalog.text;
begin
  commit; -- inside a transaction this fails, before there is a lock to release
  if not pg_catalog.pg_try_advisory_lock(pg_catalog.hashtext('public.pipeline_tick')) then
    raise notice 'busy: another session is running the pipelines';
    return;
  end if;

  loop
    begin
      perform public.advance_pipelines(as_of);
      select * into claimed from public.claim_sql_task(as_of);
    exception when others or query_canceled or assert_failure then
      get stacked diagnostics code = returned_sqlstate, message = message_text;
    end;
    commit;
    exit when code is not null or claimed.task_run_id is null;

    begin
      perform public.run_sql_task(claimed.task_run_id, claimed.attempt, as_of);
      tasks_run := tasks_run operator(pg_catalog.+) 1;
    exception when others or query_canceled or assert_failure then
      get stacked diagnostics code = returned_sqlstate, message = message_text;
    end;
    commit;
    exit when code is not null or pg_catalog.clock_timestamp() operator(pg_catalog.>) begin_until;
  end loop;

  if code is null then
    begin
      update public.jobs
      set
        last_started_at = started_at,
        last_success_at = pg_catalog.clock_timestamp(),
        last_result = pg_catalog.format('%s tasks run', tasks_run)
      where name operator(pg_catalog.=) 'spool-pipeline';
    exception when others or query_canceled or assert_failure then
      get stacked diagnostics code = returned_sqlstate, message = message_text;
    end;
    commit;
  end if;
  perform pg_catalog.pg_advisory_unlock(pg_catalog.hashtext('public.pipeline_tick'));
  if code is not null then
    raise exception '%', message using errcode = code;
  end if;
end;
$$;

comment on procedure public.pipeline_tick(timestamptz) is
  'Job spool-pipeline: makes the runs that are due and runs the sql tasks that are ready, each in a transaction of its own.';
