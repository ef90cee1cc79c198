import assert from "node:assert/strict";
import { testDatabase } from "../../support/database.ts";
import { failedStart, startFunction } from "../../support/function_process.ts";
import { runStates, TEN, testPipeline, tick } from "../../support/pipeline.ts";

const KEY = "worker-key-of-the-test-bench";

Deno.test("the function serves with the environment that Supabase gives it, and delivers alerts", async () => {
  await using db = await testDatabase();
  await testPipeline(db.sql, [{ name: "alert_delivery", kind: "queue" }]);
  await db.sql`update pipeline_tasks set handler = 'deliver_alerts'`;
  await tick(db.sql, TEN);
  await db.sql`
    select observe_alerts('[{"kind": "k", "subject": "s", "failing": true, "summary": "Too hot"}]', ${TEN})`;

  const received: string[] = [];
  const webhook = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    received.push(await request.text());
    return new Response("ok");
  });
  const worker = await startFunction("worker", {
    SUPABASE_DB_URL: db.url,
    WORKER_KEY: KEY,
    ALERT_WEBHOOK_URL: `http://127.0.0.1:${webhook.addr.port}/hook`,
  });
  try {
    const run = async (key: string) => {
      const answer = await fetch(`${worker.url}/run`, {
        method: "POST",
        headers: { authorization: `Bearer ${key}` },
      });
      return { status: answer.status, body: await answer.json() };
    };
    assert.equal((await run("another-key-of-nobody")).status, 401);
    assert.deepEqual(await run(KEY), {
      status: 200,
      body: {
        tasks: { succeeded: 1, unfinished: 0, failed: 0, lost: 0 },
        alerts: { sent: 0, retrying: 0, dead: 0 },
        lineage: null,
      },
    });
    const [{ result }] = await db.sql`select result from task_runs`;
    assert.deepEqual(result, { sent: 1, retrying: 0, dead: 0 });
    assert.equal(received.length, 1);
    assert.match(received[0], /Too hot/);
    assert.deepEqual(await runStates(db.sql), ["0: succeeded"]);

    // without a task, too
    await db.sql`
      select observe_alerts('[{"kind": "k", "subject": "t", "failing": true, "summary": "Too cold"}]', ${TEN})`;
    assert.deepEqual((await run(KEY)).body.alerts, { sent: 1, retrying: 0, dead: 0 });
  } finally {
    await worker.kill("SIGTERM");
    await webhook.shutdown();
  }
});

Deno.test("a missing variable and a malformed one are named together, and the exit code is 1", async () => {
  const { code, stderr } = await failedStart("worker", { WORKER_KEY: "short" });
  assert.equal(code, 1);
  assert.match(
    stderr,
    /Cannot start as the environment must be complete: DATABASE_URL is missing; WORKER_KEY must have at least 16 characters/,
  );
});
