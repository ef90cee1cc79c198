import assert from "node:assert/strict";
import type postgres from "postgres";
import { Scheduler } from "../../../scripts/local/scheduler.ts";
import { type TestDatabase, testDatabase } from "../../support/database.ts";
import { LOCAL_KEYS } from "../../../scripts/local/data_api.ts";
import { standIns } from "../../support/pipeline.ts";

/** A database with one job, so that the others' runs are not in the way. */
async function databaseWithOneJob(): Promise<TestDatabase> {
  const db = await testDatabase();
  await db.sql`delete from cron.job where jobname <> 'spool-partitions'`;
  return db;
}

/** A run of the last full hour, whatever the minute is now: without an SLA, which would be missed already. */
async function aRunIsDue(sql: postgres.Sql): Promise<void> {
  await sql`update pipelines set next_logical_time = date_trunc('hour', now()), sla = null`;
}

Deno.test("a job runs at its minute (UTC), not at another, and leaves a record", async () => {
  await using db = await databaseWithOneJob();
  const scheduler = new Scheduler(db.sql);
  const runs = () => db.sql`select status, return_message from cron.job_run_details order by runid`;

  await scheduler.runDueJobs(new Date("2024-01-01T03:18:00Z"));
  await scheduler.settled();
  assert.equal((await runs()).length, 0);

  await scheduler.runDueJobs(new Date("2024-01-01T03:17:01.9Z")); // the clock was late
  await scheduler.settled();
  assert.deepEqual([...await runs()], [{ status: "succeeded", return_message: "1 rows" }]);
});

Deno.test("when it starts it runs every job once, whatever was missed while nothing ran", async () => {
  await using db = await testDatabase();
  await standIns(db.sql);
  await db.sql`update jobs set last_success_at = now() - interval '1 year'`; // so long was the machine off
  await aRunIsDue(db.sql);
  const scheduler = new Scheduler(db.sql);
  await scheduler.start();
  await scheduler.settled();
  await scheduler.stop();
  const runs = await db.sql`
    select jobname, status from cron.job_run_details join cron.job using (jobid) order by jobname`;
  assert.deepEqual(
    [...runs],
    ["heartbeat", "intake", "partitions", "pipeline", "retention", "timeouts", "watch", "worker"].map((
      name,
    ) => ({
      jobname: `spool-${name}`,
      status: "succeeded",
    })),
  );
  const [{ state }] = await db.sql`select state from pipeline_runs`;
  assert.equal(state, "running"); // alerts are for the worker
  assert.equal((await db.sql`select from alerts`).length, 0); // every other job has run by the time spool-watch looks
  assert.equal(
    (await db
      .sql`select from jobs where last_success_at is null or last_success_at < now() - interval '1 minute'`)
      .length,
    0,
  );
});

Deno.test("a job that fails is recorded as failed, and the next one still runs", async () => {
  await using db = await databaseWithOneJob();
  await db.sql`select cron.schedule('a-broken-job', '17 3 * * *', 'select 1 / 0')`;
  const scheduler = new Scheduler(db.sql);

  await scheduler.runDueJobs(new Date("2024-01-01T03:17:00Z"));
  await scheduler.settled();

  const runs = await db.sql`
    select jobname, status, return_message from cron.job_run_details join cron.job using (jobid) order by jobname`;
  assert.deepEqual([...runs], [
    { jobname: "a-broken-job", status: "failed", return_message: "division by zero" },
    { jobname: "spool-partitions", status: "succeeded", return_message: "1 rows" },
  ]);
});

Deno.test("a job that still runs is not started a second time", async () => {
  await using db = await databaseWithOneJob();
  await db.sql`select cron.schedule('slow', '* * * * *', 'select pg_sleep(0.5)')`;
  const scheduler = new Scheduler(db.sql);

  await scheduler.runDueJobs(new Date("2024-01-01T00:00:00Z"));
  await scheduler.runDueJobs(new Date("2024-01-01T00:01:00Z"));
  await scheduler.settled();

  const [{ count }] = await db.sql`select count(*)::int from cron.job_run_details`;
  assert.equal(count, 1);
});

Deno.test("what a job asks of pg_net is sent after it, with its key from Vault, and the answer is kept", async () => {
  await using db = await testDatabase();
  await standIns(db.sql);
  await aRunIsDue(db.sql);
  const seen: unknown[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    seen.push([
      request.method,
      new URL(request.url).pathname,
      request.headers.get("authorization"),
      await request.text(),
    ]);
    return new Response("done", { status: 202 });
  });
  const url = `http://127.0.0.1:${server.addr.port}/functions/v1/worker/run`;
  const wake = async () => (await db.sql`select wake_worker() as said`)[0].said;
  assert.equal(
    await wake(),
    "not configured: Vault must have the secrets spool_worker_url and spool_worker_key",
  );
  await db
    .sql`select vault.create_secret(${url}, 'spool_worker_url'), vault.create_secret(${LOCAL_KEYS.worker}, 'spool_worker_key')`;
  assert.equal(await wake(), "nothing to do");
  await db.sql`call pipeline_tick()`;
  await db.sql`delete from cron.job where jobname <> 'spool-worker'`;

  const scheduler = new Scheduler(db.sql);
  await scheduler.runDueJobs(new Date());
  await scheduler.settled();
  await server.shutdown();

  assert.deepEqual(seen, [["POST", "/functions/v1/worker/run", `Bearer ${LOCAL_KEYS.worker}`, "{}"]]);
  const answers = await db.sql`select status_code, content, error_msg from net._http_response`;
  assert.deepEqual([...answers], [{ status_code: 202, content: "done", error_msg: null }]);
  assert.equal(
    (await db.sql`select last_result from jobs where name = 'spool-worker'`)[0].last_result,
    "called",
  );

  await scheduler.runDueJobs(new Date()); // nobody listens any more
  await scheduler.settled();
  assert.match(
    (await db.sql`select error_msg from net._http_response where status_code is null`)[0].error_msg,
    /refused/,
  );
});
