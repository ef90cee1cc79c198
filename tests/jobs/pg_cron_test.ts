/** The jobs on the real pg_cron (Debian's Postgres 15), and on databases that have less than Supabase brings. */

import assert from "node:assert/strict";
import { join } from "node:path";
import process from "node:process";
import postgres from "postgres";
import { migrate } from "../../scripts/database/migrations.ts";
import { applyPlatform } from "../../scripts/local/platform.ts";
import { freePort, startPostgres } from "../../scripts/local/postgres.ts";
import { connect } from "../../shared/database.ts";
import { testDatabase } from "../support/database.ts";
import { closeGate, standIns, testPipeline, tick } from "../support/pipeline.ts";

const BIN = "/usr/lib/postgresql/15/bin";
const hasPgCron = await Deno.stat(join(BIN, "../lib/pg_cron.so")).then(() => true, () => false);
if (!hasPgCron && process.env.CI === undefined) {
  // deno-lint-ignore no-console
  console.error("pg_cron is not installed (Debian: postgresql-15-cron): its test is skipped");
}

/** A connection that keeps what the server says beside its answers. */
function listening(url: string): { sql: postgres.Sql; notices: string[] } {
  const notices: string[] = [];
  const sql = postgres(url, {
    max: 1,
    prepare: false,
    onnotice: (notice) => notices.push(notice.message),
  });
  return { sql, notices };
}

Deno.test({
  name: "pg_cron runs the jobs, its history shows it, and two ticks never overlap",
  ignore: !hasPgCron && process.env.CI === undefined,
  async fn() {
    const folder = await Deno.makeTempDir({ prefix: "spool-cron-" });
    await Deno.chmod(folder, 0o755);
    const server = await startPostgres({
      dataDir: join(folder, "data"),
      port: freePort(),
      binDir: BIN,
      settings: {
        fsync: "off",
        shared_preload_libraries: "pg_cron",
        "cron.database_name": "postgres",
        "cron.use_background_workers": "on",
        max_worker_processes: "20",
      },
    });
    const url = server.url("postgres");
    const { sql, notices } = listening(url);
    const other = connect(url, 1);
    let touch: ReturnType<typeof setInterval> | undefined;
    try {
      await sql`create extension pg_cron`;
      await applyPlatform(sql);
      await sql`drop schema net, vault cascade`;
      await migrate(sql);
      assert.match(notices.join("\n"), /pg_net is not available here.*\nVault is not available here/);
      assert.doesNotMatch(notices.join("\n"), /pg_cron is not/);
      await standIns(sql);
      await testPipeline(sql, [{ name: "a" }, { name: "b", after: ["a"] }], { catchUp: false });

      // pg_cron now and then overlooks a change of its jobs until the next one (citusdata/pg_cron/issues/362)
      touch = setInterval(async () => {
        await other`select cron.schedule(jobname, schedule, command) from cron.job`;
      }, 5000);

      // a tick of pg_cron stops inside of task a, for as long as it takes to tick by hand meanwhile
      const gate = await closeGate(url, "work a");
      await gate.reached();
      clearInterval(touch);
      for (let i = 0; i < 5; i++) await tick(other, new Date());
      const [{ state }] = await sql`select state from task_runs where task = 'a'`;
      assert.equal(state, "running");
      await gate[Symbol.asyncDispose]();

      const minutely = ["spool-pipeline", "spool-timeouts", "spool-worker"];
      const history = () =>
        sql`
          select jobname, details.status, details.return_message, details.start_time, details.end_time
          from cron.job_run_details as details join cron.job using (jobid)
          where jobname = any(${minutely}) and details.end_time is not null
          order by jobname, start_time`;
      while (new Set((await history()).map(({ jobname }) => jobname)).size < minutely.length) {
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      const runs = await history();
      assert.deepEqual([...new Set(runs.map(({ status }) => status))], ["succeeded"], JSON.stringify(runs));
      const last =
        await sql`select name, last_success_at, last_result from jobs where name = any(${minutely}) order by name`;
      assert.deepEqual(last.map(({ last_result }) => last_result), [
        "2 tasks run",
        "0 tasks cancelled",
        "not configured: pg_net is not installed",
      ]);
      for (const { last_success_at } of last) assert.ok(Date.now() - last_success_at < 90_000);

      const attempts = await sql`
        select task, task_attempts.started_at, task_attempts.finished_at, executor, outcome
        from task_attempts join task_runs on task_runs.id = task_run_id order by task_attempts.started_at`;
      assert.deepEqual(attempts.map(({ task, outcome }) => [task, outcome]), [["a", "succeeded"], [
        "b",
        "succeeded",
      ]]);
      assert.equal(attempts[0].executor, attempts[1].executor);
      assert.ok(attempts[0].finished_at <= attempts[1].started_at);
      assert.deepEqual(
        (await sql`select jobname, schedule from cron.job order by jobname`).map((job) => ({ ...job })),
        (await sql`select name as jobname, schedule from jobs order by name`).map((job) => ({ ...job })),
      );
    } finally {
      clearInterval(touch);
      await Promise.all([sql.end({ timeout: 1 }), other.end({ timeout: 1 })]);
      await server.stop();
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test("the migrations run where pg_cron, pg_net and Vault are missing, and say so", async () => {
  await using db = await testDatabase({ empty: true });
  const { sql, notices } = listening(db.url);
  await applyPlatform(sql);
  await sql`drop schema cron, net, vault cascade`;
  await migrate(sql);
  const said = notices.join("\n");
  for (
    const sentence of [
      /pg_cron is not available here/,
      /pg_net is not available here, nothing calls the function worker by itself/,
      /Vault is not available here/,
      /pg_cron is not installed: nothing runs call public\.pipeline_tick\(\) by itself/,
      /pg_cron is not installed: nothing runs select public\.watch_jobs\(\) by itself/,
    ]
  ) assert.match(said, sentence);

  // and what the jobs would do can be done by hand
  await standIns(sql);
  await sql`call pipeline_tick()`;
  assert.equal((await sql`select wake_worker() as said`)[0].said, "not configured: pg_net is not installed");
  await sql`select prune_history()`;
  await sql`select watch_jobs()`;
  await sql.end();
});
