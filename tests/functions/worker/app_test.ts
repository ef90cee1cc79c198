import assert from "node:assert/strict";
import type postgres from "postgres";
import { createApp, type WorkerDependencies } from "../../../functions/worker/app.ts";
import type { TaskHandler, TaskHandlers } from "../../../functions/worker/queue.ts";
import { connect } from "../../../shared/database.ts";
import { KeyRing } from "../../../shared/keys.ts";
import { freePort } from "../../../scripts/local/postgres.ts";
import { Unfinished } from "../../../shared/unfinished.ts";
import { testDatabase } from "../../support/database.ts";
import { runStates, taskStates, TEN, testPipeline, tick } from "../../support/pipeline.ts";

const KEY = "key-of-the-test-worker";
const NO_ALERTS = { sent: 0, retrying: 0, dead: 0 };

function worker(
  sql: postgres.Sql,
  handlers: TaskHandlers,
  options: Partial<WorkerDependencies> = {},
) {
  const deliver_alerts = () => Promise.resolve(NO_ALERTS);
  const forward_lineage = () => Promise.resolve(null);
  const app = createApp({
    sql,
    keys: new KeyRing([KEY]),
    handlers: { deliver_alerts, forward_lineage, ...handlers },
    ...options,
  });
  return async (init: RequestInit = { headers: { authorization: `Bearer ${KEY}` } }) => {
    const answer = await app.request("/worker/run", { method: "POST", ...init });
    return { status: answer.status, body: await answer.json() };
  };
}

/** A tick of the present moment, which leases and timeouts of the worker are about; two years are not caught up. */
async function tickNow(sql: postgres.Sql): Promise<void> {
  await sql`update pipelines set active = false`;
  await tick(sql, new Date());
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

Deno.test("ready tasks are done one after the other, with their logical time; then alerts are delivered and lineage is forwarded", async () => {
  await using db = await testDatabase();
  await testPipeline(db.sql, [{ name: "a", kind: "queue" }, { name: "b", kind: "queue", after: ["a"] }]);
  await tick(db.sql, TEN);
  const seen: unknown[] = [];
  const handler: TaskHandler = (task) => {
    seen.push([task.pipeline, task.task, task.attempt, task.logicalTime]);
    return Promise.resolve(task.task === "a" ? { n: 1 } : undefined);
  };
  const run = worker(db.sql, {
    test_a: handler,
    test_b: handler,
    deliver_alerts: () => Promise.resolve(seen.push("alerts") as never),
    forward_lineage: () => Promise.resolve(seen.push("lineage") as never),
  });

  const answer = await run();
  assert.deepEqual(answer, {
    status: 200,
    body: { tasks: { succeeded: 2, unfinished: 0, failed: 0, lost: 0 }, alerts: 3, lineage: 4 },
  });
  assert.deepEqual(seen, [["test", "a", 1, TEN], ["test", "b", 1, TEN], "alerts", "lineage"]);
  assert.deepEqual(await runStates(db.sql), ["0: succeeded"]);
  const results = await db.sql`select result from task_runs order by id`;
  assert.deepEqual(results.map(({ result }) => result), [{ n: 1 }, null]);
  const executors = await db.sql`select distinct executor from task_attempts`;
  assert.equal(executors.length, 1);
  assert.match(executors[0].executor, /^worker-[0-9a-f-]{36}$/);
});

Deno.test("only a key lets in, only POST is answered, and the document needs none", async () => {
  await using db = await testDatabase({ connections: 1 });
  const deliver_alerts = () => Promise.resolve(NO_ALERTS);
  const forward_lineage = () => Promise.resolve(null);
  const app = createApp({
    sql: db.sql,
    keys: new KeyRing([KEY]),
    handlers: { deliver_alerts, forward_lineage },
  });
  const status = async (path: string, init?: RequestInit) => (await app.request(path, init)).status;
  assert.equal(await status("/worker/run", { method: "POST" }), 401);
  assert.equal(await status("/worker/run", { method: "POST", headers: { apikey: KEY + "x" } }), 401);
  assert.equal(await status("/worker/run", { method: "POST", headers: { apikey: KEY } }), 200);
  assert.equal(await status("/worker/run", { headers: { apikey: KEY } }), 405);
  assert.equal(await status("/worker"), 404);
  const document = await (await app.request("/worker/openapi.json")).json();
  assert.equal(document.openapi, "3.1.0");
  assert.deepEqual(Object.keys(document.paths["/worker/run"].post.responses), [
    "200",
    "401",
    "405",
    "500",
    "503",
  ]);
  const answer = await (await app.request("/worker/run", { method: "POST", headers: { apikey: KEY } }))
    .json();
  assert.deepEqual(Object.keys(answer), document.components.schemas.Work.required);
});

Deno.test("transient failures are tried again, others and unknown handlers are final", async () => {
  await using db = await testDatabase();
  await testPipeline(db.sql, ["a", "b", "c"].map((name) => ({ name, kind: "queue" })));
  await tick(db.sql, TEN);
  const run = worker(db.sql, {
    test_a: () => Promise.reject(Object.assign(new Error("away"), { code: "ECONNRESET" })),
    test_b: () => Promise.reject(new Error("wrong")),
  });
  assert.deepEqual((await run()).body.tasks, { succeeded: 0, unfinished: 0, failed: 3, lost: 0 });
  assert.deepEqual(await taskStates(db.sql), { a: "retrying", b: "failed", c: "failed" });
  const errors = await db.sql`select error from task_runs order by id`;
  assert.deepEqual(errors.map(({ error }) => error), [
    "away",
    "wrong",
    "Cannot run the task as its handler must be one of deliver_alerts, forward_lineage, test_a, test_b: current value is test_c",
  ]);
});

Deno.test("a task that has done a part goes on at once, in a call of its own that is made for it, until its attempts are used up", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  await testPipeline(sql, [{ name: "a", kind: "queue" }, { name: "b", kind: "queue" }]);
  await sql`update pipeline_tasks set max_attempts = 3, backoff_base = '1 hour', backoff_cap = '1 hour' where name = 'a'`;
  await sql`
    select vault.create_secret('http://127.0.0.1:1/', 'spool_worker_url'), vault.create_secret('k', 'spool_worker_key')`;
  const calls = async () => (await sql`select from net.http_request_queue`).length;
  await tick(sql, TEN);
  let parts = 0;
  const run = worker(sql, {
    test_a: () => ++parts < 3 ? Promise.reject(new Unfinished(`part ${parts}`)) : Promise.resolve("whole"),
    test_b: () => Promise.resolve(null),
  });
  const before = await calls();
  assert.deepEqual((await run()).body.tasks, { succeeded: 0, unfinished: 1, failed: 0, lost: 0 });
  assert.equal(parts, 1);
  assert.equal(await calls(), before + 1);
  assert.deepEqual(await taskStates(sql), { a: "retrying", b: "ready" });
  assert.deepEqual((await run()).body.tasks, { succeeded: 0, unfinished: 1, failed: 0, lost: 0 });
  assert.deepEqual((await run()).body.tasks, { succeeded: 2, unfinished: 0, failed: 0, lost: 0 });
  assert.equal(await calls(), before + 2);
  const attempts =
    await sql`select outcome, error, transient from task_attempts order by task_run_id, attempt limit 3`;
  assert.deepEqual(attempts.map(({ outcome, error, transient }) => [outcome, error, transient]), [
    ["unfinished", "part 1", null],
    ["unfinished", "part 2", null],
    ["succeeded", null, null],
  ]);

  await sql`select rerun_task(run_id, task) from task_runs where task = 'a'`;
  const endless = worker(sql, { test_a: () => Promise.reject(new Unfinished("a part")) });
  await tick(sql, TEN);
  for (let call = 0; call < 4; call++) await endless();
  assert.equal((await taskStates(sql)).a, "failed");
});

Deno.test("a name of JavaScript's own is no handler", async () => {
  await using db = await testDatabase();
  await testPipeline(db.sql, [{ name: "a", kind: "queue" }]);
  await db.sql`update pipeline_tasks set handler = 'constructor'`;
  await tick(db.sql, TEN);
  assert.deepEqual((await worker(db.sql, {})()).body.tasks, {
    succeeded: 0,
    unfinished: 0,
    failed: 1,
    lost: 0,
  });
});

Deno.test("a task that takes longer than a lease stays the worker's, as it keeps telling that it is alive", async () => {
  await using db = await testDatabase();
  await testPipeline(db.sql, [{ name: "a", kind: "queue" }]);
  await tick(db.sql, TEN);
  const run = worker(db.sql, { test_a: () => pause(1500) }, { leaseMs: 600 });
  const running = run();
  while ((await taskStates(db.sql)).a !== "running") await pause(10);
  await pause(900);
  await tickNow(db.sql); // takes it for lost if the lease was not extended
  assert.deepEqual((await running).body.tasks, { succeeded: 1, unfinished: 0, failed: 0, lost: 0 });
});

Deno.test("a task that is taken away is given up at once, and nothing of it is recorded", async () => {
  await using db = await testDatabase();
  await testPipeline(db.sql, [{ name: "a", kind: "queue" }]);
  await tick(db.sql, TEN);
  const reasons: unknown[] = [];
  const run = worker(db.sql, {
    test_a: (_, signal) => {
      signal.addEventListener("abort", () => reasons.push(signal.reason));
      return new Promise(() => {}); // does not listen
    },
  }, { leaseMs: 300 });
  const running = run();
  while ((await taskStates(db.sql)).a !== "running") await pause(10);
  await db.sql`select cancel_run(id) from pipeline_runs`;
  assert.deepEqual((await running).body.tasks, { succeeded: 0, unfinished: 0, failed: 0, lost: 1 });
  assert.equal(reasons.length, 1);
  assert.deepEqual(await taskStates(db.sql), { a: "cancelled" });
});

Deno.test("a task ends at its timeout, and is tried again", async () => {
  await using db = await testDatabase();
  await testPipeline(db.sql, [{ name: "a", kind: "queue", timeout: "2 seconds" }]);
  await tick(db.sql, TEN);
  // the lease ends at the timeout, too: whichever notices first, the attempt is over
  const answer = await worker(db.sql, { test_a: () => new Promise(() => {}) }, { leaseMs: 60_000 })();
  assert.equal(answer.body.tasks.failed + answer.body.tasks.lost, 1);
  await tickNow(db.sql);
  assert.deepEqual(await taskStates(db.sql), { a: "retrying" });
});

Deno.test("no task is begun after the budget; the next call goes on", async () => {
  await using db = await testDatabase();
  await testPipeline(db.sql, ["a", "b"].map((name) => ({ name, kind: "queue" })));
  await tick(db.sql, TEN);
  const handlers = { test_a: () => pause(200), test_b: () => pause(200) };
  const run = worker(db.sql, handlers, { budgetMs: 100 });
  assert.deepEqual((await run()).body.tasks, { succeeded: 1, unfinished: 0, failed: 0, lost: 0 });
  assert.deepEqual((await run()).body.tasks, { succeeded: 1, unfinished: 0, failed: 0, lost: 0 });
  assert.deepEqual((await run()).body.tasks, { succeeded: 0, unfinished: 0, failed: 0, lost: 0 });
});

Deno.test("several workers at once do each task once", async () => {
  await using db = await testDatabase({ connections: 8 });
  const names = Array.from({ length: 12 }, (_, i) => `t${i}`);
  await testPipeline(db.sql, names.map((name) => ({ name, kind: "queue" })));
  await tick(db.sql, TEN);
  const done: string[] = [];
  const handler: TaskHandler = async ({ task }) => {
    await pause(5);
    done.push(task);
  };
  const handlers = Object.fromEntries(names.map((name) => [`test_${name}`, handler]));
  await Promise.all(Array.from({ length: 4 }, () => worker(db.sql, handlers)()));
  assert.deepEqual(done.toSorted(), names.toSorted());
});

Deno.test("without a database the answer is 503", async () => {
  const sql = connect(`postgres://postgres:x@127.0.0.1:${freePort()}/postgres`, 1);
  const answer = await worker(sql, {})();
  assert.equal(answer.status, 503);
  await sql.end();
});
