/** Pipelines for tests: tasks that leave a row, and gates at which a session waits until a test has looked. */

import type postgres from "postgres";
import { connect } from "../../shared/database.ts";

/** First logical time of test pipelines; ten o'clock of a day long past, so that nothing depends on today. */
export const TEN = new Date("2024-01-01T10:00:00Z");

/** `hours` after {@link TEN}. */
export function at(hours: number, minutes = 0): Date {
  return new Date(TEN.getTime() + (hours * 60 + minutes) * 60_000);
}

export interface TestTask {
  readonly name: string;
  readonly kind?: "sql" | "queue";
  readonly after?: readonly string[];
  readonly maxAttempts?: number;
  readonly timeout?: string;
  readonly claimWithin?: string;
}

/**
 * Makes a pipeline of sql tasks, each of which inserts (task, as_of) into `effects` and then does what `behave` says
 * in `behaviours`: nothing, fail with a SQLSTATE, or sleep. The pipelines that the migrations brought are removed.
 */
export async function testPipeline(
  sql: postgres.Sql,
  tasks: readonly TestTask[],
  options: {
    readonly name?: string;
    readonly maxActiveRuns?: number;
    readonly catchUp?: boolean;
    readonly sla?: string;
  } = {},
): Promise<void> {
  const name = options.name ?? "test";
  await sql`delete from pipelines where name in ('hourly', 'daily')`;
  await sql.unsafe(`
    create table if not exists effects (task text not null, as_of timestamptz not null, pid integer default pg_backend_pid());
    create table if not exists behaviours (task text primary key, sqlstate text, seconds float, times integer);
    -- in a transaction of its own an effect would survive a rollback; this one must not
    create or replace function behave(task_name text, as_of timestamptz) returns jsonb language plpgsql as $$
    declare behaviour public.behaviours;
    begin
      insert into public.effects (task, as_of) values (task_name, as_of);
      perform public.gate('work ' || task_name);
      select * into behaviour from public.behaviours where task = task_name;
      if behaviour.seconds is not null then perform pg_sleep(behaviour.seconds); end if;
      if behaviour.sqlstate is not null
        and (behaviour.times is null
          or behaviour.times > (select count(*) from public.task_attempts join public.task_runs on task_runs.id = task_run_id
                                where task_runs.task = task_name))
      then
        raise exception 'as the test wants' using errcode = behaviour.sqlstate;
      end if;
      return jsonb_build_object('task', task_name);
    end $$;
    -- waits while a test holds the lock of this name
    create or replace function gate(name text) returns void language plpgsql as $$
    begin perform pg_advisory_xact_lock_shared(hashtext('gate ' || name)); end $$;`);
  await sql`
    insert into pipelines (name, description, period, next_logical_time, max_active_runs, catch_up, sla)
    values (${name}, 'Of a test.', '1 hour', ${TEN}, ${options.maxActiveRuns ?? 1}, ${
    options.catchUp ?? true
  },
      ${options.sla ?? null})`;
  for (const task of tasks) {
    await sql.unsafe(`
      create or replace function public.test_${task.name}(as_of timestamptz) returns jsonb language sql
      as $$ select public.behave('${task.name}', as_of) $$`);
    await sql`
      insert into pipeline_tasks (pipeline, name, kind, handler, timeout, max_attempts, claim_within, description)
      values (${name}, ${task.name}, ${task.kind ?? "sql"}, ${"test_" + task.name}, ${
      task.timeout ?? "10 minutes"
    },
        ${task.maxAttempts ?? 5}, ${task.claimWithin ?? "15 minutes"}, 'Of a test.')`;
  }
  for (const task of tasks) {
    for (const upstream of task.after ?? []) {
      await sql`insert into pipeline_task_dependencies values (${name}, ${task.name}, ${upstream})`;
    }
  }
}

/** One tick, as the job calls it. */
export async function tick(sql: postgres.Sql, asOf: Date): Promise<void> {
  await sql`call pipeline_tick(${asOf})`;
}

/** Runs as `hour: state`, oldest first. */
export async function runStates(sql: postgres.Sql): Promise<string[]> {
  const rows = await sql`
    select (extract(epoch from logical_time - ${TEN}) / 3600)::float as hour, state from pipeline_runs order by logical_time`;
  return rows.map(({ hour, state }) => `${hour}: ${state}`);
}

/** States of a run's tasks by name; of the only run unless told. */
export async function taskStates(sql: postgres.Sql, runId?: number): Promise<Record<string, string>> {
  const rows = await sql`
    select task, state from task_runs where ${runId ?? null}::bigint is null or run_id = ${
    runId ?? null
  } order by id`;
  return Object.fromEntries(rows.map(({ task, state }) => [task, state]));
}

/** What the tasks left behind, as `task hour`, in the order in which they ran. */
export async function effects(sql: postgres.Sql): Promise<string[]> {
  const rows = await sql`
    select task, (extract(epoch from as_of - ${TEN}) / 3600)::float as hour from effects order by ctid`;
  return rows.map(({ task, hour }) => `${task} ${hour}`);
}

/** A closed gate: whoever comes to it waits. */
export interface Gate extends AsyncDisposable {
  /** Waits until a session waits at it, and returns its process id. */
  reached(): Promise<number>;
}

/** Closes a gate until it is disposed of, or the server dies. */
export async function closeGate(url: string, name: string): Promise<Gate> {
  const sql = connect(url, 1);
  await sql`select pg_advisory_lock(hashtext(${"gate " + name}))`;
  return {
    async reached() {
      for (;;) {
        const [waiting] = await sql`
          select pid from pg_locks where locktype = 'advisory' and not granted
            and database = (select oid from pg_database where datname = current_database())`;
        if (waiting !== undefined) return waiting.pid;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
    async [Symbol.asyncDispose]() {
      await sql.end({ timeout: 1 }).catch(() => {});
    },
  };
}

/** Stands in for what the pipeline `hourly` calls, where a database does not have it. */
export async function standIns(sql: postgres.Sql): Promise<void> {
  await sql.unsafe(`
    do $$ begin
      if to_regprocedure('public.run_checks(interval, timestamptz)') is null then
        create function public.run_checks(check_window interval default '24 hours', as_of timestamptz default now())
        returns setof public.data_quality_metrics language sql as 'select * from public.data_quality_metrics';
      end if;
      if to_regprocedure('public.report_engine_health(timestamptz)') is null then
        create function public.report_engine_health(timestamptz) returns integer language sql as 'select 0';
      end if;
      if to_regprocedure('public.check_retraining(timestamptz)') is null then
        create function public.check_retraining(timestamptz) returns jsonb language sql as $f$ select '{}'::jsonb $f$;
      end if;
      if to_regprocedure('public.prune_rollups(timestamptz)') is null then
        create function public.prune_rollups(timestamptz) returns integer language sql as 'select 0';
      end if;
    end $$`);
}
