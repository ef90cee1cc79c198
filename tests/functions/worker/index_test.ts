import assert from "node:assert/strict";
import { join } from "node:path";
import { freePort } from "../../../scripts/local/postgres.ts";
import { testDatabase } from "../../support/database.ts";
import { runStates, TEN, testPipeline, tick } from "../../support/pipeline.ts";

const INDEX = join(import.meta.dirname!, "..", "..", "..", "functions", "worker", "index.ts");
const KEY = "worker-key-of-the-test-bench";

/** The function as Supabase starts it: a process of its own, configured by its environment alone. */
function command(env: Record<string, string>): Deno.Command {
  const dir = Deno.env.get("DENO_DIR"); // where Deno keeps its cache is not part of the configuration
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-A", INDEX],
    clearEnv: true,
    env: {
      PATH: Deno.env.get("PATH") ?? "",
      HOME: Deno.env.get("HOME") ?? "",
      ...dir === undefined ? {} : { DENO_DIR: dir },
      ...env,
    },
    stdout: "null",
    stderr: "piped",
  });
}

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
  const port = freePort();
  const child = command({
    SUPABASE_DB_URL: db.url,
    WORKER_KEY: KEY,
    ALERT_WEBHOOK_URL: `http://127.0.0.1:${webhook.addr.port}/hook`,
    DENO_SERVE_ADDRESS: `tcp:127.0.0.1:${port}`,
  }).spawn();
  try {
    const run = async (key: string) => {
      for (let attempt = 0;; attempt++) {
        try {
          const answer = await fetch(`http://127.0.0.1:${port}/worker/run`, {
            method: "POST",
            headers: { authorization: `Bearer ${key}` },
          });
          return { status: answer.status, body: await answer.json() };
        } catch (error) {
          if (attempt === 200) throw error;
          await new Promise((resolve) => setTimeout(resolve, 50)); // it does not listen yet
        }
      }
    };
    assert.equal((await run("another-key-of-nobody")).status, 401);
    assert.deepEqual(await run(KEY), {
      status: 200,
      body: { tasks: { succeeded: 1, failed: 0, lost: 0 }, alerts: { sent: 0, retrying: 0, dead: 0 } },
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
    child.kill("SIGTERM");
    await child.stderr.cancel();
    await child.status;
    await webhook.shutdown();
  }
});

Deno.test("a missing variable and a malformed one are named together, and the exit code is 1", async () => {
  const { code, stderr } = await command({ WORKER_KEY: "short", NO_COLOR: "1" }).output();
  assert.equal(code, 1);
  assert.match(
    new TextDecoder().decode(stderr),
    /Cannot start as the environment must be complete: DATABASE_URL is missing; WORKER_KEY must have at least 16 characters/,
  );
});
