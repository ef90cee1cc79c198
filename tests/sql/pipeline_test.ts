import assert from "node:assert/strict";
import fc from "fast-check";
import type postgres from "postgres";
import { connect, isTransient } from "../../shared/database.ts";
import { hasPostgres15, type TestDatabase, testDatabase } from "../support/database.ts";
import {
  at,
  closeGate,
  effects,
  runStates,
  taskStates,
  TEN,
  testPipeline,
  tick,
} from "../support/pipeline.ts";

/** a, then b and c, then d after both. */
const DIAMOND = [
  { name: "a" },
  { name: "b", after: ["a"] },
  { name: "c", after: ["a"] },
  { name: "d", after: ["b", "c"] },
];

/** Makes a task behave: fail with a SQLSTATE (the first `times` attempts only), or take a while. */
async function behave(
  sql: postgres.Sql,
  task: string,
  how: { sqlstate?: string; seconds?: number; times?: number },
): Promise<void> {
  await sql`
    insert into behaviours (task, sqlstate, seconds, times)
    values (${task}, ${how.sqlstate ?? null}, ${how.seconds ?? null}, ${how.times ?? null})
    on conflict (task) do update set sqlstate = excluded.sqlstate, seconds = excluded.seconds, times = excluded.times`;
}

/** Attempts of a task as `outcome` or `outcome transient`, oldest first. */
async function attempts(sql: postgres.Sql, task: string): Promise<string[]> {
  const rows = await sql`
    select outcome, transient from task_attempts join task_runs on task_runs.id = task_run_id
    where task_runs.task = ${task} order by run_id, task_attempts.attempt`;
  return rows.map(({ outcome, transient }) => transient ? `${outcome} transient` : outcome);
}

/** The only run's id. */
async function runId(sql: postgres.Sql): Promise<number> {
  return (await sql`select id from pipeline_runs`)[0].id;
}

for (const version of [17, 15] as const) {
  const test = (name: string, fn: (db: TestDatabase) => Promise<void>) =>
    Deno.test({
      name: `${name} (Postgres ${version})`,
      ignore: version === 15 && !hasPostgres15,
      async fn() {
        await using db = await testDatabase({ version, connections: 6 });
        await fn(db);
      },
    });

  test("a run is due at the end of its period, its tasks run in order, once, with the logical time", async ({ sql }) => {
    await testPipeline(sql, DIAMOND);
    await tick(sql, at(0, -1));
    assert.deepEqual(await runStates(sql), []);

    await tick(sql, at(0, 7));
    assert.deepEqual(await runStates(sql), ["0: succeeded"]);
    assert.deepEqual(await effects(sql), ["a 0", "b 0", "c 0", "d 0"]);
    const [row] = await sql`select result, attempt from task_runs where task = 'd'`;
    assert.deepEqual({ ...row }, { result: { task: "d" }, attempt: 1 });

    await tick(sql, at(0, 59));
    assert.equal((await effects(sql)).length, 4);
    await tick(sql, at(1));
    assert.deepEqual(await runStates(sql), ["0: succeeded", "1: succeeded"]);
  });

  test("a tick records its success; one inside a transaction is refused and leaves no lock behind", async ({ sql }) => {
    await testPipeline(sql, [{ name: "a" }]);
    await assert.rejects(sql.begin((tx) => tx`call pipeline_tick(${TEN})`), { code: "2D000" });
    assert.deepEqual(await runStates(sql), []);
    assert.equal(
      (await sql`select from pg_locks where locktype = 'advisory'
      and database = (select oid from pg_database where datname = current_database())`).length,
      0,
    );

    await tick(sql, TEN);
    const [job] = await sql`select last_result, last_success_at > now() - interval '1 minute' as recent
      from jobs where name = 'spool-pipeline'`;
    assert.deepEqual({ ...job }, { last_result: "1 tasks run", recent: true });
  });

  test("missed periods are caught up, the oldest first; without catch-up only the latest runs", async ({ sql }) => {
    await testPipeline(sql, [{ name: "a" }]);
    await tick(sql, at(3, 20));
    assert.deepEqual(await effects(sql), ["a 0", "a 1", "a 2", "a 3"]);
    const triggers = await sql`select trigger from pipeline_runs order by logical_time`;
    assert.deepEqual(triggers.map(({ trigger }) => trigger), [
      "catch_up",
      "catch_up",
      "catch_up",
      "schedule",
    ]);

    await sql`update pipelines set catch_up = false`;
    await tick(sql, at(7, 59));
    assert.deepEqual((await effects(sql)).slice(4), ["a 7"]);
    await sql`update pipelines set active = false`;
    await tick(sql, at(9));
    assert.equal((await effects(sql)).length, 5);
  });

  test("history that was pruned is not taken for missed runs", async ({ sql }) => {
    await testPipeline(sql, [{ name: "a" }]);
    await tick(sql, at(1));
    await sql`delete from pipeline_runs`;
    await tick(sql, at(1, 30));
    assert.deepEqual(await runStates(sql), []);
  });

  test("a logical time has one run, and only the ends of past periods are logical times", async ({ sql }) => {
    await testPipeline(sql, [{ name: "a" }]);
    const start = (time: Date | null) => sql`select start_pipeline_run('test', ${time}, ${at(2, 5)}) as id`;
    await start(at(-4));
    await start(null);
    assert.deepEqual(await runStates(sql), ["-4: queued", "2: queued"]);
    await assert.rejects(start(at(-4)), {
      code: "23505",
      message: /must have none: current value is 2024-01-01 06/,
    });
    for (const wrong of [at(0, 30), at(3)]) await assert.rejects(start(wrong), { code: "22023" });
    await assert.rejects(sql`select start_pipeline_run('none')`, { code: "22023" });
    await assert.rejects(
      sql`insert into pipeline_runs (pipeline, logical_time, trigger) values ('test', ${at(-4)}, 'manual')`,
      { code: "23505" },
    );
    await tick(sql, at(2, 10)); // schedules hours 0 to 2, of which the last has its run already
    assert.deepEqual(await runStates(sql), ["-4: succeeded", "0: succeeded", "1: succeeded", "2: succeeded"]);
  });

  test("a backfill makes the runs that are missing, and lets scheduled ones go first", async ({ sql }) => {
    await testPipeline(sql, [{ name: "a" }]);
    await tick(sql, at(0));
    const backfill = async (from: Date, to: Date) =>
      (await sql`select backfill_pipeline('test', ${from}, ${to}, ${at(1, 30)}) as made`)[0].made;
    assert.equal(await backfill(at(-3, -20), at(0, 20)), 3);
    assert.equal(await backfill(at(-3), at(0)), 0);
    await tick(sql, at(1, 30));
    assert.deepEqual(await effects(sql), ["a 0", "a 1", "a -3", "a -2", "a -1"]);

    await assert.rejects(backfill(at(0), at(-1)), { code: "22023" });
    await assert.rejects(backfill(at(0), at(2)), { code: "22023", message: /past moments/ });
    await assert.rejects(backfill(new Date("1990-01-01T00:00:00Z"), at(0)), {
      message: /at most 10000 periods/,
    });
    assert.equal((await runStates(sql)).length, 5);
  });

  test("no more than max_active_runs runs are under way", async ({ sql }) => {
    await testPipeline(sql, [{ name: "a", kind: "queue" }], { maxActiveRuns: 2 });
    await tick(sql, at(3));
    assert.deepEqual(await runStates(sql), ["0: running", "1: running", "2: queued", "3: queued"]);
    const [task] = await sql`select * from claim_task('w', '1 minute', ${at(3)})`;
    await sql`select complete_task(${task.task_run_id}, ${task.attempt}, 'w', null, ${at(3)})`;
    await tick(sql, at(3, 1));
    assert.deepEqual(await runStates(sql), ["0: succeeded", "1: running", "2: running", "3: queued"]);
  });

  test("what follows a failed task is skipped, what does not follow it runs, and the run has failed", async ({ sql }) => {
    await testPipeline(sql, [...DIAMOND, { name: "e", after: ["d"] }]);
    await behave(sql, "b", { sqlstate: "22012" });
    await tick(sql, TEN);
    assert.deepEqual(await taskStates(sql), {
      a: "succeeded",
      b: "failed",
      c: "succeeded",
      d: "skipped",
      e: "skipped",
    });
    assert.deepEqual(await runStates(sql), ["0: failed"]);
    // the failed task's own work is rolled back
    assert.deepEqual(await effects(sql), ["a 0", "c 0"]);
    const [failed] = await sql`select error, sqlstate from task_runs where task = 'b'`;
    assert.deepEqual({ ...failed }, { error: "as the test wants", sqlstate: "22012" });
  });

  test("transient failures are tried again after a wait, all others are final", async ({ sql }) => {
    for (
      const [sqlstate, expected] of [
        ["40001", ["failed transient", "succeeded"]],
        ["57014", ["failed transient", "succeeded"]],
        ["P0004", ["failed"]], // assert_failure, which WHEN OTHERS does not catch
        ["23505", ["failed"]],
      ] as const
    ) {
      const name = `test_${sqlstate.toLowerCase()}`;
      await testPipeline(sql, [{ name: `a_${sqlstate.toLowerCase()}` }], { name });
      const task = `a_${sqlstate.toLowerCase()}`;
      await behave(sql, task, { sqlstate, times: 1 });
      await tick(sql, TEN);
      if (expected.length === 2) {
        const [{ next_attempt_at }] = await sql`select next_attempt_at from task_runs where task = ${task}`;
        assert.ok(next_attempt_at >= TEN && next_attempt_at <= at(0, 1));
        if (next_attempt_at > TEN) assert.equal((await effects(sql)).includes(`${task} 0`), false);
      }
      await tick(sql, at(0, 1));
      assert.deepEqual(await attempts(sql, task), expected);
      await sql`update pipelines set active = false`;
    }
  });

  test("a task that fails transiently max_attempts times has failed", async ({ sql }) => {
    await testPipeline(sql, [{ name: "a", maxAttempts: 3 }, { name: "b", after: ["a"] }]);
    await behave(sql, "a", { sqlstate: "55P03" });
    for (let minute = 0; minute < 50; minute += 10) await tick(sql, at(0, minute));
    assert.deepEqual(await attempts(sql, "a"), Array(3).fill("failed transient"));
    assert.deepEqual(await taskStates(sql), { a: "failed", b: "skipped" });
  });

  test("a task is cancelled at its timeout while its tick holds the lock, and tried again", async ({ sql }) => {
    await testPipeline(sql, [{ name: "a", timeout: "100 milliseconds" }]);
    await behave(sql, "a", { seconds: 600 });
    const running = tick(sql, TEN);
    while ((await sql`select cancel_overdue_tasks() as n`)[0].n === 0) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await running;
    assert.deepEqual(await attempts(sql, "a"), ["timed_out transient"]);
    assert.deepEqual(await taskStates(sql), { a: "retrying" });
    assert.match((await sql`select error from task_runs`)[0].error, /must end within 00:00:00.1/);

    await behave(sql, "a", {});
    await tick(sql, at(0, 1));
    assert.deepEqual(await effects(sql), ["a 0"]);
    assert.equal((await sql`select cancel_overdue_tasks() as n`)[0].n, 0);
  });

  test("a task and what follows it can be run again, with its history kept", async ({ sql }) => {
    await testPipeline(sql, DIAMOND);
    await behave(sql, "b", { sqlstate: "22012" });
    await tick(sql, TEN);
    const id = await runId(sql);
    await assert.rejects(sql`select rerun_task(${id}, 'd')`, {
      code: "22023",
      message: /Cannot rerun d as what it depends on must have succeeded: b has not/,
    });
    await assert.rejects(sql`select rerun_task(${id}, 'z')`, { code: "22023" });

    await behave(sql, "b", {});
    await sql`select rerun_task(${id}, 'b')`;
    assert.deepEqual(await taskStates(sql), { a: "succeeded", b: "waiting", c: "succeeded", d: "waiting" });
    await assert.rejects(sql`select rerun_task(${id}, 'b')`, {
      message: /must have ended: current value is queued/,
    });
    await tick(sql, at(0, 1));
    assert.deepEqual(await runStates(sql), ["0: succeeded"]);
    assert.deepEqual(await effects(sql), ["a 0", "c 0", "b 0", "d 0"]);
    assert.deepEqual(await attempts(sql, "b"), ["failed", "succeeded"]);

    await sql`select rerun_task(${id}, 'c')`;
    await tick(sql, at(0, 2));
    assert.deepEqual((await effects(sql)).slice(4), ["c 0", "d 0"]);
  });

  test("a rerun has all of its attempts again", async ({ sql }) => {
    await testPipeline(sql, [{ name: "a", maxAttempts: 2 }]);
    await behave(sql, "a", { sqlstate: "40001" });
    for (const minute of [0, 10]) await tick(sql, at(0, minute));
    assert.deepEqual(await taskStates(sql), { a: "failed" });
    await sql`select rerun_task(${await runId(sql)}, 'a')`;
    await tick(sql, at(0, 20));
    assert.deepEqual(await taskStates(sql), { a: "retrying" });
    await tick(sql, at(0, 40));
    assert.deepEqual(await attempts(sql, "a"), Array(4).fill("failed transient"));
  });

  test("a cancelled run ends at once: its query is cancelled and rolled back, and nothing follows", async ({ sql, url }) => {
    await testPipeline(sql, [{ name: "a" }, { name: "b", after: ["a"] }]);
    await using gate = await closeGate(url, "work a");
    const running = tick(sql, TEN);
    await gate.reached();
    await sql`select cancel_run(${await runId(sql)})`;
    await running;
    assert.deepEqual(await runStates(sql), ["0: cancelled"]);
    assert.deepEqual(await taskStates(sql), { a: "cancelled", b: "cancelled" });
    assert.deepEqual(await effects(sql), []);
    assert.deepEqual(await attempts(sql, "a"), ["cancelled"]);
    await assert.rejects(sql`select cancel_run(${await runId(sql)})`, {
      message: /current value is cancelled/,
    });

    await gate[Symbol.asyncDispose]();
    await sql`select rerun_task(${await runId(sql)}, 'a')`;
    await tick(sql, at(0, 1));
    assert.deepEqual(await runStates(sql), ["0: succeeded"]);
  });

  test("work whose run was cancelled before it could be recorded is rolled back", async ({ sql, url }) => {
    await testPipeline(sql, [{ name: "a" }]);
    const session = connect(url, 1); // the tick's own steps, cancelled between two of them
    await session`select pg_advisory_lock(hashtext('public.pipeline_tick'))`;
    await session`select advance_pipelines(${TEN})`;
    const [{ task_run_id, attempt }] = await session`select * from claim_sql_task(${TEN})`;
    await sql`select cancel_run(${await runId(sql)})`;
    const [{ outcome }] = await session`select run_sql_task(${task_run_id}, ${attempt}, ${TEN}) as outcome`;
    await session.end();
    assert.equal(outcome, "superseded");
    assert.deepEqual(await effects(sql), []);
    assert.deepEqual(await runStates(sql), ["0: cancelled"]);
  });

  test("a run that has not succeeded in time has missed its SLA, one that failed too, a backfill's begins with it", async ({ sql }) => {
    await testPipeline(sql, [{ name: "a", kind: "queue", claimWithin: "3 hours" }], { sla: "30 minutes" });
    const missed = async () =>
      (await sql`select sla_missed_at from pipeline_runs order by logical_time`).map((row) =>
        row.sla_missed_at
      );
    const done = async (time: Date, ok = true) => {
      const [task] = await sql`select * from claim_task('w', '1 minute', ${time})`;
      if (ok) await sql`select complete_task(${task.task_run_id}, ${task.attempt}, 'w', null, ${time})`;
      else await sql`select fail_task(${task.task_run_id}, ${task.attempt}, 'w', 'no', false, ${time})`;
    };
    await tick(sql, TEN);
    await tick(sql, at(0, 30));
    assert.deepEqual(await missed(), [null]);
    await tick(sql, at(0, 31));
    assert.deepEqual(await missed(), [at(0, 31)]);
    await done(at(0, 32));

    await tick(sql, at(1));
    await done(at(1, 29));
    await tick(sql, at(1, 59));
    assert.deepEqual(await missed(), [at(0, 31), null]);

    await tick(sql, at(2));
    await done(at(2, 10), false);
    await tick(sql, at(2, 31));
    assert.deepEqual(await missed(), [at(0, 31), null, at(2, 31)]);

    await sql`select backfill_pipeline('test', ${at(-1)}, ${at(-1)})`;
    await tick(sql, at(2, 40));
    await tick(sql, at(3, -30));
    assert.deepEqual((await missed())[0], null);
  });

  test("two sessions that tick at once run each task once, and the second does not wait", async ({ sql, url }) => {
    await testPipeline(sql, DIAMOND);
    const gate = await closeGate(url, "work b");
    const first = tick(sql, at(2));
    await gate.reached();
    const started = Date.now();
    await tick(sql, at(2));
    assert.ok(Date.now() - started < 5000);
    await assert.rejects(sql`select advance_pipelines(${at(2)})`, { code: "55P03" });
    await gate[Symbol.asyncDispose]();
    await first;

    const others = Array.from({ length: 4 }, () => connect(url, 1));
    await Promise.all(Array.from({ length: 40 }, (_, i) => tick(others[i % 4], at(3 + Math.floor(i / 4)))));
    await Promise.all(others.map((other) => other.end()));
    await tick(sql, at(12));
    const rows = await effects(sql);
    assert.equal(rows.length, 13 * 4);
    assert.equal(new Set(rows).size, rows.length);
    const [{ overlapping }] = await sql`
      select count(*)::int as overlapping from task_attempts as a join task_attempts as b
        on (a.task_run_id, a.attempt) < (b.task_run_id, b.attempt)
        and tstzrange(a.started_at, a.finished_at) && tstzrange(b.started_at, b.finished_at)`;
    assert.equal(overlapping, 0);
  });

  test("a session that is ended while it runs a task loses the work and the lock, and the next tick does it", async ({ sql, url }) => {
    await testPipeline(sql, DIAMOND);
    const gate = await closeGate(url, "work b");
    const running = tick(sql, TEN).catch(() => "ended");
    await sql`select pg_terminate_backend(${await gate.reached()})`;
    assert.equal(await running, "ended");
    await gate[Symbol.asyncDispose]();
    await tick(sql, at(0, 1));
    assert.deepEqual(await attempts(sql, "b"), ["lost transient"]);
    await tick(sql, at(0, 5));
    assert.deepEqual(await effects(sql), ["a 0", "c 0", "b 0", "d 0"]);
  });

  test("a tick that is cancelled between two tasks gives the lock back, and its session can tick again", async ({ sql, url }) => {
    await testPipeline(sql, [{ name: "a" }, { name: "b", after: ["a"] }]);
    await sql.unsafe(`
      create function at_gate() returns trigger language plpgsql as $$ begin perform public.gate('claim'); return new; end $$;
      create trigger at_gate before update on task_runs for each row when (new.state = 'running' and new.task = 'b')
      execute function at_gate()`);
    const gate = await closeGate(url, "claim");
    const running = assert.rejects(tick(sql, TEN), { code: "57014" });
    await sql`select pg_cancel_backend(${await gate.reached()})`;
    await running;
    await gate[Symbol.asyncDispose]();
    await tick(connectOnce(url), at(0, 1));
    assert.deepEqual(await effects(sql), ["a 0", "b 0"]);
  });

  test("tasks of the queue go to one worker each, under a lease that can be extended up to the timeout", async ({ sql }) => {
    await testPipeline(sql, [{ name: "a", kind: "queue", timeout: "3 minutes" }, {
      name: "b",
      kind: "queue",
    }]);
    assert.equal((await sql`select * from claim_task('w', '1 minute', ${TEN})`).length, 0);
    await tick(sql, TEN);
    const claims = await Promise.all(
      Array.from({ length: 6 }, (_, i) => sql`select * from claim_task(${`w${i}`}, '1 minute', ${TEN})`),
    );
    assert.deepEqual(claims.flat().map(({ task }) => task).sort(), ["a", "b"]);
    const worker = `w${claims.findIndex((rows) => rows[0]?.task === "a")}`;
    const [task] = claims.flat().filter((row) => row.task === "a");
    assert.deepEqual(
      [task.handler, task.attempt, task.logical_time, task.lease_until, task.timeout_at],
      ["test_a", 1, TEN, at(0, 1), at(0, 3)],
    );
    const extend = async (name: string, time: Date, attempt = 1) =>
      (await sql`select extend_lease(${task.task_run_id}, ${attempt}, ${name}, '1 minute', ${time}) as until`)[
        0
      ].until;
    assert.deepEqual(await extend(worker, at(0, 1)), at(0, 2));
    assert.deepEqual(await extend(worker, at(0, 0)), at(0, 2)); // never shorter
    assert.equal(await extend("another", at(0, 1)), null);
    assert.equal(await extend(worker, at(0, 1), 2), null);
    assert.deepEqual(await extend(worker, at(0, 2)), at(0, 3));
    assert.deepEqual(await extend(worker, at(0, 3)), at(0, 3));
    await tick(sql, at(0, 4));
    assert.deepEqual(await attempts(sql, "a"), ["timed_out transient"]);
    await assert.rejects(sql`select claim_task('', '1 minute')`, { code: "22023" });
    await assert.rejects(sql`select claim_task('w', '2 hours')`, { code: "22023" });
  });

  test("a worker that lost its lease can record nothing; the task is another one's", async ({ sql }) => {
    await testPipeline(sql, [{ name: "a", kind: "queue" }, { name: "b", after: ["a"] }]);
    await tick(sql, TEN);
    const [first] = await sql`select * from claim_task('first', '1 minute', ${TEN})`;
    const id = first.task_run_id;
    const complete = async (worker: string, attempt: number, time: Date) =>
      (await sql`select complete_task(${id}, ${attempt}, ${worker}, '{"n": 1}', ${time}) as done`)[0].done;
    assert.equal(await complete("first", 1, at(0, 2)), false); // the lease is over, although nobody has noticed yet
    await tick(sql, at(0, 2));
    assert.deepEqual(await attempts(sql, "a"), ["lost transient"]);
    assert.equal(await complete("first", 1, at(0, 2)), false);

    const [second] = await sql`select * from claim_task('second', '1 minute', ${at(0, 4)})`;
    assert.equal(second.attempt, 2);
    assert.equal(await complete("first", 1, at(0, 4)), false);
    assert.equal(await complete("first", 2, at(0, 4)), false);
    assert.equal(
      (await sql`select fail_task(${id}, 1, 'first', 'x', false, ${at(0, 4)}) as done`)[0].done,
      false,
    );
    assert.equal(await complete("second", 2, at(0, 4)), true);
    assert.equal(await complete("second", 2, at(0, 4)), false);
    await tick(sql, at(0, 5));
    assert.deepEqual(await runStates(sql), ["0: succeeded"]);
    assert.deepEqual((await sql`select result from task_runs where task = 'a'`)[0].result, { n: 1 });
  });

  test("a worker's transient failure is tried again, another one is final", async ({ sql }) => {
    await testPipeline(sql, [{ name: "a", kind: "queue" }]);
    await tick(sql, TEN);
    const fail = async (transient: boolean, time: Date) => {
      const [task] = await sql`select * from claim_task('w', '1 minute', ${time})`;
      await sql`select fail_task(${task.task_run_id}, ${task.attempt}, 'w', 'no', ${transient}, ${time})`;
    };
    await fail(true, TEN);
    assert.deepEqual(await taskStates(sql), { a: "retrying" });
    await fail(false, at(0, 1));
    assert.deepEqual(await taskStates(sql), { a: "failed" });
    assert.deepEqual(await runStates(sql), ["0: failed"]);
  });

  test("a task that no worker takes fails after claim_within, so that later runs are not held up", async ({ sql }) => {
    await testPipeline(sql, [{ name: "a", kind: "queue", claimWithin: "5 minutes" }, { name: "b" }]);
    await sql`update jobs set last_result = 'not configured' where name = 'spool-worker'`;
    await tick(sql, TEN);
    await tick(sql, at(0, 5));
    assert.deepEqual(await taskStates(sql), { a: "ready", b: "succeeded" });
    await tick(sql, at(0, 6));
    assert.deepEqual(await runStates(sql), ["0: failed"]);
    assert.match(
      (await sql`select error from task_runs where task = 'a'`)[0].error,
      /a worker must take it within 00:05:00; job spool-worker says: not configured/,
    );
  });
}

/** A connection that ends by itself. */
function connectOnce(url: string): postgres.Sql {
  const sql = connect(url, 1);
  sql.options.idle_timeout = 1;
  return sql;
}

Deno.test("the wait before the next attempt is below base doubled with each attempt and below the cap, and uses all of that", async () => {
  await using db = await testDatabase({ connections: 1 });
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 1000 }),
      fc.integer({ min: 1, max: 3600 }),
      fc.integer({ min: 0, max: 100_000 }),
      fc.double({ min: -1, max: 1, noNaN: true }),
      async (attempt, base, more, seed) => {
        const bound = Math.min(base + more, base * 2 ** (attempt - 1));
        const [row] = await db.sql`
          with seeded as materialized (select setseed(${seed}))
          select min(delay)::float, max(delay)::float from seeded, lateral (
            select extract(epoch from retry_delay(${attempt}, ${base} * interval '1 second', ${
          base + more
        } * interval '1 second'))
              as delay from generate_series(1, 200)
          ) as delays`;
        assert.ok(row.min >= 0 && row.max <= bound, `${row.min} to ${row.max} of ${bound}`);
        // 200 draws that all stay out of one tenth: 0.9^200, one in a billion
        assert.ok(row.min < bound * 0.1 && row.max > bound * 0.9, `${row.min} to ${row.max} of ${bound}`);
      },
    ),
    { numRuns: 40 },
  );
});

Deno.test("SQL and TypeScript agree on which failures may pass", async () => {
  await using db = await testDatabase({ connections: 1 });
  const codes = [
    "08000",
    "08006",
    "53300",
    "57P01",
    "57P05",
    "57P06",
    "57014",
    "25006",
    "25P03",
    "40001",
    "40P01",
    "40002",
    "55P03",
    "55P04",
    "22012",
    "23505",
    "P0001",
    "42501",
    "XX000",
  ];
  const rows = await db
    .sql`select code, is_transient_sqlstate(code) as transient from unnest(${codes}::text[]) as code`;
  for (const { code, transient } of rows) assert.equal(transient, isTransient({ code }), code);
  assert.equal((await db.sql`select is_transient_sqlstate(null) as transient`)[0].transient, false);
});

const violations: [string, string, string][] = [
  ["a task whose function does not exist", "update pipeline_tasks set handler = 'none'", "23514"],
  ["a task whose function returns no jsonb", "update pipeline_tasks set handler = 'wake_worker'", "23514"],
  ["a handler that is not a name", "update pipeline_tasks set handler = 'a(now()); drop table b'", "23514"],
  ["a circle of tasks", "insert into pipeline_task_dependencies values ('test', 'a', 'd')", "23514"],
  [
    "a task that depends on itself",
    "insert into pipeline_task_dependencies values ('test', 'a', 'a')",
    "23514",
  ],
  ["a period of a month", "update pipelines set period = '1 month'", "23514"],
  ["a period of seconds", "update pipelines set period = '90 seconds'", "23514"],
  ["a run that ended without an end", "update pipeline_runs set finished_at = null", "23514"],
  ["an open run that has ended", "update pipeline_runs set state = 'running'", "23514"],
  [
    "a task that runs nowhere",
    "update task_runs set state = 'running', finished_at = null, result = null",
    "23514",
  ],
  ["a failed task without a reason", "update task_runs set state = 'failed', result = null", "23514"],
  ["a lease without a worker", "update task_runs set lease_until = now()", "23514"],
  [
    "a second run of a task in a run",
    "insert into task_runs (run_id, pipeline, task) select run_id, pipeline, task from task_runs",
    "23505",
  ],
];
for (const [what, statement, code] of violations) {
  Deno.test(`the pipeline's tables refuse ${what}`, async () => {
    await using db = await testDatabase();
    await testPipeline(db.sql, DIAMOND);
    await tick(db.sql, TEN);
    await assert.rejects(db.sql.unsafe(statement), { code });
  });
}

Deno.test("periods keep their length where a day has 23 hours", async () => {
  await using db = await testDatabase({ connections: 1 });
  await testPipeline(db.sql, [{ name: "a" }]);
  await db.sql`set timezone = 'Europe/Berlin'`;
  await db.sql`update pipelines set period = '1 day', next_logical_time = '2024-03-30 00:00+00'`;
  await tick(db.sql, new Date("2024-04-01T00:00:00Z"));
  const rows = await db.sql`select logical_time from pipeline_runs order by 1`;
  assert.deepEqual(
    rows.map(({ logical_time }) => logical_time.toISOString()),
    ["2024-03-30T00:00:00.000Z", "2024-03-31T00:00:00.000Z", "2024-04-01T00:00:00.000Z"],
  );
});
