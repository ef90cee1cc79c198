import assert from "node:assert/strict";
import { Scheduler } from "../../../scripts/local/scheduler.ts";
import { testDatabase } from "../../support/database.ts";

Deno.test("a job runs at its minute (UTC), not at another, and leaves a record", async () => {
  await using db = await testDatabase();
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
  const scheduler = new Scheduler(db.sql);
  await scheduler.start();
  await scheduler.stop();
  const runs = await db.sql`select jobname, status from cron.job_run_details join cron.job using (jobid)`;
  assert.deepEqual([...runs], [{ jobname: "spool-partitions", status: "succeeded" }]);
});

Deno.test("a job that fails is recorded as failed, and the next one still runs", async () => {
  await using db = await testDatabase();
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
  await using db = await testDatabase();
  await db.sql`select cron.schedule('slow', '* * * * *', 'select pg_sleep(0.5)')`;
  const scheduler = new Scheduler(db.sql);

  await scheduler.runDueJobs(new Date("2024-01-01T00:00:00Z"));
  await scheduler.runDueJobs(new Date("2024-01-01T00:01:00Z"));
  await scheduler.settled();

  const [{ count }] = await db.sql`select count(*)::int from cron.job_run_details`;
  assert.equal(count, 1);
});
