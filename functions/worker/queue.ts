/** Draining the queue of tasks: claim, work under a lease, record the end. */

import type postgres from "postgres";
import { isTransient } from "../../shared/database.ts";
import { LakeError } from "../../shared/lake/lake.ts";
import { errorField, log } from "../../shared/log.ts";
import { Unfinished } from "../../shared/unfinished.ts";

/** What a handler is told about its task. */
export interface QueueTask {
  readonly pipeline: string;
  readonly task: string;
  /** Number of the attempt; above 1 something may have been done already. */
  readonly attempt: number;
  /** End of the period that the run is about. */
  readonly logicalTime: Date;
}

/**
 * Does a task. It may be called again for the same logical time, after a death between its end and the record of it.
 *
 * @param signal Aborts when the task has run out of time or is no longer this worker's.
 * @returns What is kept as the task's result; anything that JSON can hold.
 * @throws A transient failure of the database or the lake is tried again, and so is what is unfinished; anything else is
 *   final.
 */
export type TaskHandler = (task: QueueTask, signal: AbortSignal) => Promise<unknown>;

/** Handlers by name. */
export type TaskHandlers = Readonly<Record<string, TaskHandler>>;

/** Tasks by what became of them. */
export interface QueueCounts {
  succeeded: number;
  failed: number;
  /** No longer this worker's before they ended; somebody else has them, or the run was cancelled. */
  lost: number;
}

export interface QueueOptions {
  /** Name of this worker, in task_runs.worker while it works. */
  readonly worker: string;
  /** Time, as of performance.now(), after which no further task is begun. */
  readonly beginUntil: number;
  /** Time, as of performance.now(), at which the task that runs is given up. */
  readonly endAt: number;
  /** How long a dead worker's task waits for another one, in ms. */
  readonly leaseMs: number;
}

/** A task with what fences it: nobody else has this attempt under this name. */
interface Claim extends QueueTask {
  readonly taskRunId: string;
  readonly handler: string;
  /** Time that the task's own timeout leaves, in ms, by the database's clock. */
  readonly msLeft: number;
}

class OutOfTime extends Error {}
class LeaseLost extends Error {}

async function claim(sql: postgres.Sql, worker: string, leaseMs: number): Promise<Claim | undefined> {
  const [row] = await sql`
    select *, extract(epoch from timeout_at - now())::float * 1000 as ms_left
    from public.claim_task(${worker}, ${leaseMs} * interval '1 millisecond')`;
  if (row === undefined) return undefined;
  return {
    taskRunId: row.task_run_id,
    pipeline: row.pipeline,
    task: row.task,
    attempt: row.attempt,
    logicalTime: row.logical_time,
    handler: row.handler,
    msLeft: row.ms_left,
  };
}

/** Calls the handler; extends the lease meanwhile, and gives up when that fails or the time is over. */
async function work(
  sql: postgres.Sql,
  handler: TaskHandler,
  task: Claim,
  { worker, endAt, leaseMs }: QueueOptions,
): Promise<unknown> {
  const abort = new AbortController();
  const aborted = new Promise<never>((_, reject) =>
    abort.signal.addEventListener("abort", () => reject(abort.signal.reason))
  );
  const msLeft = Math.max(0, Math.min(task.msLeft, endAt - performance.now()));
  const timeout = setTimeout(
    () => abort.abort(new OutOfTime("Cannot go on as the task must end in its time")),
    msLeft,
  );
  const heartbeat = setInterval(async () => {
    try {
      const [{ until }] = await sql`
        select public.extend_lease(
          ${task.taskRunId}, ${task.attempt}, ${worker}, ${leaseMs} * interval '1 millisecond'
        ) as until`;
      if (until === null) abort.abort(new LeaseLost());
    } catch {
      // the database is away: when it stays away the lease ends, and the next heartbeat or the end shows it
    }
  }, leaseMs / 3);
  try {
    // a handler that does not listen to the signal is left behind
    return await Promise.race([handler(task, abort.signal), aborted]);
  } finally {
    clearTimeout(timeout);
    clearInterval(heartbeat);
  }
}

/** Does one claimed task and records how it ended. */
async function settle(
  sql: postgres.Sql,
  handlers: TaskHandlers,
  task: Claim,
  options: QueueOptions,
): Promise<keyof QueueCounts> {
  const { taskRunId, attempt, handler } = task;
  const fail = async (message: string, transient: boolean) => {
    const [{ recorded }] = await sql`
      select public.fail_task(${taskRunId}, ${attempt}, ${options.worker}, ${message}, ${transient}) as recorded`;
    return recorded ? "failed" : "lost";
  };
  if (!Object.hasOwn(handlers, handler)) {
    return await fail(
      `Cannot run the task as its handler must be one of ${
        Object.keys(handlers).join(", ")
      }: current value is ${handler}`,
      false,
    );
  }
  let result: unknown;
  try {
    result = await work(sql, handlers[handler], task, options);
  } catch (error) {
    if (error instanceof LeaseLost) return "lost";
    const again = error instanceof OutOfTime || error instanceof Unfinished || isTransient(error) ||
      error instanceof LakeError && error.transient;
    log(again ? "info" : "error", "task failed", {
      function: "worker",
      pipeline: task.pipeline,
      task: task.task,
      attempt,
      error: errorField(error, { stack: !again }),
    });
    return await fail(error instanceof Error ? error.message : String(error), again);
  }
  const [{ recorded }] = await sql`
    select public.complete_task(
      ${taskRunId}, ${attempt}, ${options.worker}, ${
    result === undefined ? null : JSON.stringify(result)
  }::text::jsonb
    ) as recorded`;
  return recorded ? "succeeded" : "lost";
}

/**
 * Does the tasks that are ready, one after the other, until there are none or the time is over.
 *
 * @throws When the database fails. The task it was at is tried again when its lease has ended.
 */
export async function drainQueue(
  sql: postgres.Sql,
  handlers: TaskHandlers,
  options: QueueOptions,
): Promise<QueueCounts> {
  const counts = { succeeded: 0, failed: 0, lost: 0 };
  while (performance.now() < options.beginUntil) {
    const task = await claim(sql, options.worker, options.leaseMs);
    if (task === undefined) break;
    counts[await settle(sql, handlers, task, options)]++;
  }
  return counts;
}
