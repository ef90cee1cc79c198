/** Pipelines: what runs, how its runs went, and starting parts of them again. */

import type { SupabaseClient } from "@supabase/supabase-js";
import type { Context, Hono } from "hono";
import postgres from "postgres";
import { z } from "zod";
import { readableRows, requireReadable, rowsOf, whereText } from "../../shared/data_api.ts";
import { transaction } from "../../shared/database.ts";
import { methodNotAllowed, requireKey } from "../../shared/http.ts";
import type { KeyRing } from "../../shared/keys.ts";
import { page } from "../../shared/pages.ts";
import { bodyOf, isName, pathId, queryOf } from "../../shared/parameters.ts";
import { Problem, type ProblemType } from "../../shared/problem.ts";
import { Body, Query } from "./parameters.ts";
import { Answer, columns, Pipeline, PipelineRun, PipelineTask, TaskAttempt, TaskRun } from "./rows.ts";

/** SQLSTATE of rerun_task, cancel_run and backfill_pipeline: not with these arguments, or not in this state. */
const REFUSED = "22023";

/** Whom audit_log names where the database does not know better. */
const ACTOR = "function quality";

const RUN_COLUMNS = `${columns(PipelineRun, ["tasks"])},tasks:task_runs(${columns(TaskRun)})`;

const PipelineRow = Pipeline.omit({ tasks: true });
const TaskRow = PipelineTask.omit({ depends_on: true }).extend({ pipeline: z.string() });
const Dependency = z.object({ pipeline: z.string(), task: z.string(), depends_on: z.string() });

function unknown(what: string): Problem {
  return new Problem(404, "not-found", `Cannot find ${what}`);
}

function unknownRun(id: number, pipeline: string): Problem {
  return unknown(`the run ${id}: the pipeline ${pipeline} has none of this id`);
}

/** The pipeline that a path names. */
async function pathPipeline(c: Context, as: SupabaseClient): Promise<string> {
  const name = c.req.param("pipeline")!;
  const [known] = isName(name)
    ? await readableRows(as, "pipelines", whereText(as.from("pipelines").select("name"), "name", name))
    : [];
  if (known === undefined) throw unknown(`the pipeline ${name}: no pipeline has this name`);
  return name;
}

/** The run that the path of a request that writes names. */
async function writtenRun(sql: postgres.Sql, c: Context): Promise<number> {
  const id = pathId(c);
  const pipeline = c.req.param("pipeline")!;
  const [known] = await sql`
    select from public.pipeline_runs where id = ${id} and pipeline_runs.pipeline = ${pipeline}`;
  if (known === undefined) throw unknownRun(id, pipeline);
  return id;
}

/**
 * Calls a function that changes what runs, in the name of this one.
 *
 * @param refusal Status and type of the problem when it may not be done.
 */
async function act<Type extends ProblemType>(
  sql: postgres.Sql,
  refusal: readonly [status: Problem<Type>["status"], type: Type],
  call: (tx: postgres.TransactionSql) => Promise<number>,
): Promise<number> {
  try {
    return await transaction(sql, async (tx) => {
      await tx`select set_config('spool.actor', ${ACTOR}, true)`;
      return await call(tx);
    });
  } catch (error) {
    if (!(error instanceof postgres.PostgresError) || error.code !== REFUSED) throw error;
    throw new Problem(...refusal, error.message);
  }
}

/** How a run stands, once something has been done to it. */
async function stateOf(tx: postgres.Sql, id: number): Promise<z.output<typeof Answer.changedRun>> {
  const [run] = await tx`
    select id::float8, state, (
      select coalesce(json_agg(task order by task_runs.id), '[]') from public.task_runs
      where run_id = pipeline_runs.id and task_runs.state = 'waiting'
    ) as waiting
    from public.pipeline_runs
    where id = ${id}`;
  return Answer.changedRun.parse(run);
}

/**
 * Adds the endpoints to the app.
 *
 * @param dependencies.sql As the database's owner; only for what writes.
 * @param dependencies.keys Who may write.
 * @param dependencies.client Makes the client that has the rights of whoever sent a request.
 */
export function addPipelines(app: Hono, { sql, keys, client }: {
  readonly sql: postgres.Sql;
  readonly keys: KeyRing;
  readonly client: (c: Context) => SupabaseClient;
}): void {
  app.get("/pipelines", async (c) => {
    queryOf(c, Query.pipelines);
    const as = client(c);
    const [pipelines, tasks, dependencies] = await Promise.all([
      readableRows(as, "pipelines", as.from("pipelines").select(columns(Pipeline, ["tasks"])).order("name")),
      rowsOf(
        as.from("pipeline_tasks").select(`pipeline,${columns(PipelineTask, ["depends_on"])}`).order("name"),
      ),
      rowsOf(as.from("pipeline_task_dependencies").select(columns(Dependency)).order("depends_on")),
    ]);
    if (pipelines.length > 0 && tasks.length === 0) await requireReadable(as, "pipeline_tasks");
    if (tasks.length > 1 && dependencies.length === 0) {
      await requireReadable(as, "pipeline_task_dependencies");
    }
    const edges = z.array(Dependency).parse(dependencies);
    const ofPipelines = z.array(TaskRow).parse(tasks).map((task) => ({
      ...task,
      depends_on: edges.filter((edge) => edge.pipeline === task.pipeline && edge.task === task.name)
        .map(({ depends_on }) => depends_on),
    }));
    const withTasks = z.array(PipelineRow).parse(pipelines).map((pipeline) => ({
      ...pipeline,
      tasks: ofPipelines.filter((task) => task.pipeline === pipeline.name),
    }));
    return c.json(
      { pipelines: z.array(Pipeline).parse(withTasks) } satisfies z.output<typeof Answer.pipelines>,
    );
  });

  app.get("/pipelines/:pipeline/runs", async (c) => {
    const { state, limit, cursor } = queryOf(c, Query.pipelineRuns);
    const as = client(c);
    const pipeline = await pathPipeline(c, as);
    let query = whereText(as.from("pipeline_runs").select(RUN_COLUMNS), "pipeline", pipeline);
    if (state !== undefined) query = query.eq("state", state);
    if (cursor !== undefined) query = query.lt("logical_time", cursor);
    const rows = await readableRows(
      as,
      "pipeline_runs",
      query.order("logical_time", { ascending: false }).limit(limit),
    );
    const { rows: runs, next } = page(PipelineRun, rows, limit, ({ logical_time }) => logical_time);
    if (runs.length > 0 && runs.every(({ tasks }) => tasks.length === 0)) {
      await requireReadable(as, "task_runs");
    }
    return c.json({ runs, next } satisfies z.output<typeof Answer.pipelineRuns>);
  });

  app.get("/pipelines/:pipeline/runs/:id", async (c) => {
    queryOf(c, Query.pipelineRun);
    const id = pathId(c);
    const as = client(c);
    const pipeline = await pathPipeline(c, as);
    const query = whereText(as.from("pipeline_runs").select(RUN_COLUMNS), "pipeline", pipeline).eq("id", id);
    const [row] = await readableRows(as, "pipeline_runs", query);
    if (row === undefined) throw unknownRun(id, pipeline);
    const run = PipelineRun.parse(row);
    if (run.tasks.length === 0) await requireReadable(as, "task_runs");
    const attempts = await readableRows(
      as,
      "task_attempts",
      as.from("task_attempts").select(columns(TaskAttempt))
        .in("task_run_id", run.tasks.map((task) => task.id))
        .order("task_run_id").order("attempt"),
    );
    return c.json(
      { run, attempts: z.array(TaskAttempt).parse(attempts) } satisfies z.output<typeof Answer.pipelineRun>,
    );
  });

  app.post("/pipelines/:pipeline/backfill", requireKey(keys), async (c) => {
    const { from, to } = await bodyOf(c, Body.backfill);
    const pipeline = c.req.param("pipeline");
    const [known] = await sql`select from public.pipelines where name = ${pipeline}`;
    if (known === undefined) throw unknown(`the pipeline ${pipeline}: no pipeline has this name`);
    const made = await act(sql, [400, "invalid-parameter"], async (tx) => {
      const [{ runs }] = await tx<{ runs: number }[]>`
        select public.backfill_pipeline(${pipeline}, ${from}::text::timestamptz, ${to}::text::timestamptz) as runs`;
      return runs;
    });
    return c.json({ runs: made } satisfies z.output<typeof Answer.backfill>);
  });

  app.post("/pipelines/:pipeline/runs/:id/rerun", requireKey(keys), async (c) => {
    const { task } = await bodyOf(c, Body.rerun);
    const id = await writtenRun(sql, c);
    const [known] = await sql`select from public.task_runs where run_id = ${id} and task_runs.task = ${task}`;
    if (known === undefined) throw unknown(`the task ${task}: the run ${id} has none of this name`);
    await act(sql, [409, "run-not-ended"], async (tx) => {
      await tx`select public.rerun_task(${id}::bigint, ${task})`;
      return id;
    });
    return c.json(await stateOf(sql, id));
  });

  app.post("/pipelines/:pipeline/runs/:id/cancel", requireKey(keys), async (c) => {
    await bodyOf(c, Body.cancel);
    const id = await writtenRun(sql, c);
    await act(sql, [409, "run-ended"], async (tx) => {
      await tx`select public.cancel_run(${id}::bigint)`;
      return id;
    });
    return c.json(await stateOf(sql, id));
  });

  for (const path of ["/pipelines", "/pipelines/:pipeline/runs", "/pipelines/:pipeline/runs/:id"]) {
    app.all(path, methodNotAllowed("GET"));
  }
  for (
    const path of [
      "/pipelines/:pipeline/backfill",
      "/pipelines/:pipeline/runs/:id/rerun",
      "/pipelines/:pipeline/runs/:id/cancel",
    ]
  ) {
    app.all(path, methodNotAllowed("POST"));
  }
}
