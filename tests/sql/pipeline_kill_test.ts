/** Sessions, servers and workers killed at every step of a run: it ends right, and everything in it happened once. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { connect } from "../../shared/database.ts";
import { KillablePostgres } from "../support/killable_postgres.ts";
import { closeGate, effects, runStates, taskStates, TEN, testPipeline, tick } from "../support/pipeline.ts";

/** Gates inside of the tick, where a session waits until it is killed. */
const GATES = `
  create or replace function at_gate() returns trigger language plpgsql as $$
  begin
    perform public.gate(tg_argv[0]);
    return null;
  end $$;
  create trigger made after insert on pipeline_runs for each row execute function at_gate('run made');
  create trigger begun after update on pipeline_runs for each row when (old.state <> new.state and new.state = 'running')
    execute function at_gate('run begun');
  create trigger claim_a after update on task_runs for each row when (new.task = 'a' and new.state = 'running')
    execute function at_gate('claim a');
  create trigger claim_b after update on task_runs for each row when (new.task = 'b' and new.state = 'running')
    execute function at_gate('claim b');
  create trigger done_a after insert on task_attempts for each row execute function at_gate('attempt recorded');
  create trigger ended after update on pipeline_runs for each row when (new.state = 'succeeded')
    execute function at_gate('run ended');`;

/** Where the tick is killed, and what must have been kept of it then. */
const STEPS: readonly (readonly [gate: string, lost: readonly string[]])[] = [
  ["run made", []],
  ["run begun", []],
  ["claim a", []], // not yet committed: nothing has happened
  ["work a", ["a"]], // its work is under way
  ["attempt recorded", ["a"]], // its work is done, and the transaction not committed
  ["claim b", []], // between two tasks
  ["work b", ["b"]],
  ["run ended", ["b"]], // the last thing before the last commit
];

/** Ticks, a minute after the other, until every run has ended. */
async function tickToTheEnd(url: string, from = 1): Promise<void> {
  const sql = connect(url, 1);
  for (let minute = from; minute < 59; minute++) {
    await tick(sql, new Date(TEN.getTime() + minute * 60_000));
    const [{ open }] = await sql`select count(*)::int as open from pipeline_runs where finished_at is null`;
    if (open === 0) break;
  }
  await sql.end();
}

for (const how of ["a session", "the server"] as const) {
  Deno.test(`${how} is killed at every step of a run, and the run ends right, each task done once`, async () => {
    await using server = await KillablePostgres.start();
    let sql = connect(server.url, 2);
    await testPipeline(sql, [{ name: "a" }, { name: "b", after: ["a"] }]);
    await sql.unsafe(GATES);

    for (const [step, lost] of STEPS) {
      await sql`truncate pipeline_runs, effects cascade`;
      await sql`update pipelines set next_logical_time = ${TEN}`;
      await using gate = await closeGate(server.url, step);
      const ticking = connect(server.url, 1);
      const ended = tick(ticking, TEN).then(() => "succeeded", () => "killed");
      const pid = await gate.reached();
      if (how === "a session") await server.killSession(pid);
      else await server.killAll();
      assert.equal(await ended, "killed", step);
      await Promise.all([sql, ticking].map((each) => each.end({ timeout: 0 })));
      await gate[Symbol.asyncDispose]();

      await tickToTheEnd(server.url);
      sql = connect(server.url, 2);
      assert.deepEqual(await runStates(sql), ["0: succeeded"], step);
      assert.deepEqual(await effects(sql), ["a 0", "b 0"], step);
      const attempts = await sql`
        select task, outcome from task_attempts join task_runs on task_runs.id = task_run_id
        where outcome <> 'succeeded' order by task`;
      assert.deepEqual(
        attempts.map(({ task, outcome }) => `${task} ${outcome}`),
        lost.map((task) => `${task} lost`),
        step,
      );
    }
    await sql.end();
  });
}

Deno.test("a session that dies between the claim and the work has lost one attempt, and the task is done once", async () => {
  await using server = await KillablePostgres.start();
  const sql = connect(server.url, 1);
  await testPipeline(sql, [{ name: "a" }, { name: "b", after: ["a"] }]);
  // the tick's own steps, up to the commit after which it would begin the work
  await sql`select pg_advisory_lock(hashtext('public.pipeline_tick'))`;
  await sql`select advance_pipelines(${TEN})`;
  const [claimed] = await sql`select * from claim_sql_task(${TEN})`;
  assert.equal(claimed.attempt, 1);
  const [{ pid }] = await sql`select pg_backend_pid() as pid`;
  await server.killSession(pid);
  await sql.end({ timeout: 0 });

  await tickToTheEnd(server.url);
  const after = connect(server.url, 1);
  assert.deepEqual(await effects(after), ["a 0", "b 0"]);
  assert.deepEqual(
    (await after`select outcome, attempt from task_attempts order by task_run_id, attempt`).map((row) => ({
      ...row,
    })),
    [{ outcome: "lost", attempt: 1 }, { outcome: "succeeded", attempt: 2 }, {
      outcome: "succeeded",
      attempt: 1,
    }],
  );
  await after.end();
});

/** A worker as a process of its own, with a handler that leaves an effect and stops at gates. */
function startWorker(url: string): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-A", join(import.meta.dirname!, "..", "support", "worker_process.ts"), url],
    stdout: "null",
    stderr: "null",
  }).spawn();
}

/**
 * Where the worker, or the server under it, is killed (each gate is a moment of the task `q`), and how many attempts
 * are lost by it. Postgres finishes the statement of a client that is gone; its own death rolls it back.
 */
const WORKER_STEPS = [
  ["claim q", { "the worker": 1, "the server": 0 }],
  ["before the effect", { "the worker": 1, "the server": 1 }],
  ["after the effect", { "the worker": 1, "the server": 1 }],
  ["completing q", { "the worker": 0, "the server": 1 }],
  ["completed q", { "the worker": 0, "the server": 0 }],
] as const;

for (const how of ["the worker", "the server"] as const) {
  Deno.test(`${how} is killed at every step of a task of the queue, and the run ends right, its effect there once`, async () => {
    await using server = await KillablePostgres.start();
    let sql = connect(server.url, 2);
    await testPipeline(sql, [{ name: "q", kind: "queue", claimWithin: "100 years" }, {
      name: "z",
      after: ["q"],
    }]);
    await sql.unsafe(`
      create table sent (logical_time timestamptz primary key);
      create function at_gate() returns trigger language plpgsql as $$
      begin perform public.gate(tg_argv[0]); return null; end $$;
      create trigger claim_q after update on task_runs for each row
        when (new.task = 'q' and new.state = 'running' and old.state <> 'running') execute function at_gate('claim q');
      create trigger done_q after insert on task_attempts for each row when (new.outcome = 'succeeded')
        execute function at_gate('completing q')`);

    for (const [step, lost] of WORKER_STEPS) {
      await sql`truncate pipeline_runs, effects, sent cascade`;
      await sql`update pipelines set next_logical_time = ${TEN}`;
      await tick(sql, TEN);
      await using gate = await closeGate(server.url, step);
      const worker = startWorker(server.url);
      await gate.reached();
      if (how === "the server") await server.killAll();
      try {
        worker.kill("SIGKILL");
      } catch {
        // without its server it has ended by itself
      }
      await worker.status;
      await sql.end({ timeout: 0 });
      await gate[Symbol.asyncDispose]();
      sql = connect(server.url, 2);
      // a dead worker's last statement may still be under way in its session
      while (
        (await sql`select from pg_stat_activity where application_name = 'test worker' and state = 'active'`)
          .length > 0
      ) await new Promise((resolve) => setTimeout(resolve, 20));

      // the lease was made by the clock of today; the ticks that follow are later than its end
      await sql`update pipelines set active = false`;
      const later = new Date(Date.now() + 10 * 60_000);
      await tick(sql, later);
      await sql`update task_runs set next_attempt_at = now() where state = 'retrying'`;
      const again = startWorker(server.url);
      assert.equal((await again.status).code, 0, step);
      await tick(sql, later);
      await sql`update pipelines set active = true`;
      assert.deepEqual(await taskStates(sql), { q: "succeeded", z: "succeeded" }, step);
      assert.deepEqual(await runStates(sql), ["0: succeeded"], step);
      assert.deepEqual(await effects(sql), ["z 0"], step);
      assert.equal((await sql`select from sent`).length, 1, step);
      const [attempts] =
        await sql`select count(*) filter (where outcome = 'lost')::int as lost, count(*)::int as all
        from task_attempts join task_runs on task_runs.id = task_run_id where task = 'q'`;
      assert.deepEqual({ ...attempts }, { lost: lost[how], all: lost[how] + 1 }, step);
    }
    await sql.end();
  });
}
