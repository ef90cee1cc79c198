import assert from "node:assert/strict";
import type postgres from "postgres";
import { ConfigError, readConfig } from "../../shared/config.ts";
import { callRetrainingHook, RETRAINING_VARIABLES, retrainingHook } from "../../shared/retraining_hook.ts";
import { hasPostgres15, type TestDatabase, testDatabase } from "../support/database.ts";
import { startFunction } from "../support/function_process.ts";
import { recordRun } from "../support/quality.ts";
import { sageMaker, SAGEMAKER_KEY, type StartRequest } from "../support/sagemaker.ts";

/** The part of the webhook's address that nobody may learn. */
const SECRET = "hooks/T0SECRET";
const KEY = "key-of-the-receiver";

const NOW = new Date();
const later = (minutes: number) => new Date(NOW.getTime() + minutes * 60_000);

const CALLED = { called: 1, failed: 0, dead: 0 };
const FAILED = { called: 0, failed: 1, dead: 0 };
const DEAD = { called: 0, failed: 0, dead: 1 };
const NOTHING = { called: 0, failed: 0, dead: 0 };

interface Receiver extends AsyncDisposable {
  readonly url: string;
  /** Idempotency keys, as they came. */
  readonly keys: (string | null)[];
  // deno-lint-ignore no-explicit-any
  readonly bodies: any[];
}

/** A webhook that answers as told, 200 with an id unless told. */
function receiver(
  answer: (count: number) => Response | Promise<Response> = () => Response.json({ id: "train-17" }),
): Receiver {
  const keys: (string | null)[] = [];
  const bodies: unknown[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    assert.equal(request.method, "POST");
    assert.equal(new URL(request.url).pathname, `/${SECRET}`);
    assert.equal(request.headers.get("content-type"), "application/json");
    assert.equal(request.headers.get("authorization"), `Bearer ${KEY}`);
    bodies.push(await request.json());
    keys.push(request.headers.get("idempotency-key"));
    return await answer(keys.length);
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}/${SECRET}`,
    keys,
    bodies,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

function hookTo({ url }: { readonly url: string }, timeoutMs?: number) {
  const env = { RETRAINING_WEBHOOK_URL: url, RETRAINING_WEBHOOK_KEY: KEY };
  return retrainingHook(readConfig(RETRAINING_VARIABLES, env), { timeoutMs });
}

/** A database in which half of the engines drift, and it has been decided that models are to be trained again. */
async function decided(version: 15 | 17 = 17): Promise<TestDatabase> {
  const db = await testDatabase({ version });
  await recordRun(db.sql, 1, [{ metric: "drift", evidence: { engines: 100, failing_count: 50 } }]);
  await db.sql`
    insert into models (purpose, name, version, features, trained_from, trained_until, engines, readings, seed, settings,
      metrics, content, code_version)
    values ('rul', 'rul', 3, '{s2}', now(), now(), 1, 1, 1, '{}', '{}', '{}', '0')`;
  await db.sql`select check_retraining(${NOW})`;
  return db;
}

async function decision(sql: postgres.Sql): Promise<postgres.Row> {
  const rows = await sql`select * from retraining_decisions`;
  assert.equal(rows.length, 1);
  return rows[0];
}

async function openAlerts(sql: postgres.Sql): Promise<postgres.Row[]> {
  return [...await sql`select kind, subject, summary, evidence from alerts where resolved_at is null`];
}

for (const version of [17, 15] as const) {
  Deno.test({
    name: `a decision is posted to the webhook once, with its evidence and its key (Postgres ${version})`,
    ignore: version === 15 && !hasPostgres15,
    async fn() {
      await using web = receiver();
      await using db = await decided(version);
      assert.deepEqual(await callRetrainingHook(db.sql, hookTo(web), { now: later(1) }), CALLED);
      assert.deepEqual(await callRetrainingHook(db.sql, hookTo(web), { now: later(99) }), NOTHING);
      const row = await decision(db.sql);
      assert.deepEqual(
        [
          row.hook_state,
          row.hook_attempts,
          row.hook_receiver,
          row.hook_answer,
          row.hook_called_at,
          row.hook_lease,
        ],
        ["called", 1, "webhook", "train-17", later(1), null],
      );
      assert.deepEqual(web.keys, [`spool-retraining-${row.hook_key}`]);
      const { evidence, models, ...body } = web.bodies[0];
      assert.deepEqual(body, {
        as_of: NOW.toISOString(),
        reasons: ["50 of 100 engines drift"],
        criteria: ["drift"],
      });
      assert.deepEqual(evidence, row.evidence);
      assert.equal(evidence.drift.value, 0.5);
      assert.deepEqual([models.length, models[0].name, models[0].version], [1, "rul", 3]);
      assert.deepEqual(await openAlerts(db.sql), []);
    },
  });
}

Deno.test("it runs by the database's clock when it is told no other, and without a hook decisions wait", async () => {
  await using web = receiver(() => new Response("ok"));
  await using db = await decided();
  assert.deepEqual(await callRetrainingHook(db.sql, undefined), { hook: "not configured" });
  assert.equal((await decision(db.sql)).hook_attempts, 0);
  assert.deepEqual(await callRetrainingHook(db.sql, hookTo(web)), CALLED);
  assert.deepEqual([(await decision(db.sql)).hook_state, (await decision(db.sql)).hook_answer], [
    "called",
    null,
  ]);
});

Deno.test("a decision that says no calls nobody", async () => {
  await using web = receiver();
  await using db = await testDatabase();
  await db.sql`select check_retraining(${NOW})`;
  assert.deepEqual(await callRetrainingHook(db.sql, hookTo(web)), NOTHING);
  assert.deepEqual(web.keys, []);
});

Deno.test("a failure is tried again by a later run with the same key, and given up after eight, with an alert that the next call resolves", async () => {
  let up = false;
  await using web = receiver(() => up ? Response.json({ id: "x" }) : new Response(SECRET, { status: 503 }));
  await using db = await decided();
  let minutes = 0;
  for (let attempt = 1; attempt <= 8; attempt++) {
    assert.deepEqual(
      await callRetrainingHook(db.sql, hookTo(web), { now: later(minutes) }),
      attempt < 8 ? FAILED : DEAD,
    );
    const { hook_state, hook_attempts, hook_next_at, hook_error } = await decision(db.sql);
    assert.deepEqual([hook_state, hook_attempts], [attempt < 8 ? "failed" : "dead", attempt]);
    assert.match(
      hook_error,
      /^Cannot deliver to 127\.0\.0\.1:\d+ as it must accept the decision: it answered 503$/,
    );
    if (attempt < 8) {
      const limit = Math.min(24 * 60, 30 * 2 ** (attempt - 1));
      assert.ok(hook_next_at <= later(minutes + limit + 1), "it waits for too long");
      if (hook_next_at > later(minutes)) {
        assert.deepEqual(await callRetrainingHook(db.sql, hookTo(web), { now: later(minutes) }), NOTHING);
      }
      assert.deepEqual(await openAlerts(db.sql), []);
    }
    minutes += 24 * 60;
  }
  assert.equal(web.keys.length, 8);
  assert.equal(new Set(web.keys).size, 1);
  assert.deepEqual(web.bodies[7], web.bodies[0]);
  const [alert] = await openAlerts(db.sql);
  assert.deepEqual([alert.kind, alert.subject, alert.evidence.attempts], ["retraining", "hook", 8]);
  assert.match(alert.summary, /has not been started: Cannot deliver to 127/);
  assert.doesNotMatch(JSON.stringify([alert, await decision(db.sql)]), new RegExp(`${SECRET}|${KEY}`));

  up = true;
  await db.sql`select check_retraining(${later(1)})`;
  await db.sql`update alert_settings set resolve_after = 1`;
  assert.deepEqual(await callRetrainingHook(db.sql, hookTo(web), { now: later(minutes) }), CALLED);
  assert.equal(new Set(web.keys).size, 2);
  assert.deepEqual(await openAlerts(db.sql), []);
});

Deno.test("a call that fails while a newer decision is made is not repeated: the newer one counts", async () => {
  await using db = await decided();
  const { sql } = db;
  await using web = receiver(async (count) => {
    if (count > 1) return Response.json({ id: "train-18" });
    await sql`
      insert into retraining_decisions (as_of, retrain, reasons, evidence, criteria, hook_state)
      values (${later(60)}, true, '{a model is 200 days old}', '{}', '{model_age}', 'due')`;
    return new Response("", { status: 503 });
  });
  // it is called for in the same run
  assert.deepEqual(await callRetrainingHook(sql, hookTo(web), { now: NOW }), {
    called: 1,
    failed: 1,
    dead: 0,
  });
  assert.deepEqual(await callRetrainingHook(sql, hookTo(web), { now: later(3 * 24 * 60) }), NOTHING);
  assert.equal(web.keys.length, 2);
  const rows = await sql`select hook_state, hook_note from retraining_decisions order by as_of`;
  assert.deepEqual(rows.map(({ hook_state, hook_note }) => [hook_state, hook_note]), [
    ["not_needed", "a newer decision takes its place"],
    ["called", null],
  ]);
});

Deno.test("a receiver that refuses is not asked again; one that says when, not before; one that is silent, later", async () => {
  await using refusing = receiver(() => Response.json({ error: "unknown_job" }, { status: 422 }));
  await using db = await decided();
  assert.deepEqual(await callRetrainingHook(db.sql, hookTo(refusing)), DEAD);
  assert.match((await decision(db.sql)).hook_error, /it answered 422 unknown_job$/);
  assert.equal((await openAlerts(db.sql)).length, 1);

  await using busy = receiver(() => new Response("", { status: 429, headers: { "retry-after": "7200" } }));
  await using second = await decided();
  assert.deepEqual(await callRetrainingHook(second.sql, hookTo(busy), { now: NOW }), FAILED);
  assert.ok((await decision(second.sql)).hook_next_at >= later(120));

  const { promise: over, resolve } = Promise.withResolvers<void>();
  await using silent = receiver(async () => (await over, new Response("ok")));
  await using third = await decided();
  assert.deepEqual(await callRetrainingHook(third.sql, hookTo(silent, 50)), FAILED);
  assert.match((await decision(third.sql)).hook_error, /must be reachable: no answer within 0\.05 s$/);
  resolve();
});

Deno.test("several workers at once call once", async () => {
  await using web = receiver(async () => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    return new Response("ok");
  });
  await using db = await decided();
  const counts = await Promise.all([1, 2, 3, 4].map(() => callRetrainingHook(db.sql, hookTo(web))));
  assert.equal(web.keys.length, 1);
  assert.deepEqual(counts.filter((count) => "called" in count && count.called === 1).length, 1);
});

Deno.test("a worker that is killed between the call and the record of it is followed by a call with the same key, after its lease", async () => {
  const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>();
  const { promise: killed, resolve: kill } = Promise.withResolvers<void>();
  await using web = receiver(async (count) => {
    arrive();
    if (count === 1) await killed;
    return new Response("ok");
  });
  await using db = await decided();
  const { sql } = db;
  await sql`delete from pipelines where name <> 'hourly'`;
  await sql`delete from pipeline_tasks where name <> 'retraining_hook'`;
  await sql`update pipelines set next_logical_time = ${NOW}`;
  await sql`call pipeline_tick(${NOW})`;
  const worker = await startFunction("worker", {
    DATABASE_URL: db.url,
    WORKER_KEY: "a-key-that-wakes-the-worker",
    RETRAINING_WEBHOOK_URL: web.url,
    RETRAINING_WEBHOOK_KEY: KEY,
  });
  const woken = fetch(`${worker.url}/run`, {
    method: "POST",
    headers: { authorization: "Bearer a-key-that-wakes-the-worker" },
  }).catch(() => undefined);
  await arrived;
  await worker.kill("SIGKILL");
  kill();
  await (await woken)?.body?.cancel();
  const { hook_state, hook_attempts, hook_leased_until } = await decision(sql);
  const seconds = (n: number) => new Date(hook_leased_until.getTime() + n * 1000);
  assert.deepEqual([hook_state, hook_attempts], ["due", 1]);
  assert.deepEqual(
    await callRetrainingHook(sql, hookTo(web), { now: seconds(-1) }),
    NOTHING,
  );
  assert.deepEqual(await callRetrainingHook(sql, hookTo(web), { now: seconds(1) }), CALLED);
  assert.equal(web.keys.length, 2);
  assert.equal(web.keys[0], web.keys[1]);
  assert.equal((await decision(sql)).hook_attempts, 2);
});

Deno.test("a decision whose callers have died each time is given up", async () => {
  await using web = receiver();
  await using db = await decided();
  await db.sql`
    update retraining_decisions
    set hook_attempts = 8, hook_lease = gen_random_uuid(), hook_leased_until = ${NOW}`;
  assert.deepEqual(await callRetrainingHook(db.sql, hookTo(web), { now: later(1) }), DEAD);
  assert.equal((await decision(db.sql)).hook_error, "Its caller ended while it was at it");
  assert.deepEqual(web.keys, []);
});

const REGION = "eu-central-1";

/** SageMaker at an endpoint of this machine, and the hook to it. */
function sageMakerAt(
  answer: (request: Request) => Response | Promise<Response>,
  env: Record<string, string> = {},
) {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, answer);
  return {
    hook: retrainingHook(readConfig(RETRAINING_VARIABLES, {
      SAGEMAKER_PIPELINE_NAME: "train-rul",
      AWS_REGION: REGION,
      AWS_ACCESS_KEY_ID: SAGEMAKER_KEY.id,
      AWS_SECRET_ACCESS_KEY: SAGEMAKER_KEY.secret,
      AWS_ENDPOINT_URL_SAGEMAKER: `http://127.0.0.1:${server.addr.port}`,
      ...env,
    })),
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

Deno.test("a SageMaker pipeline is started with a signature that holds, and its execution is written down", async () => {
  const started = new Map<string, StartRequest>();
  await using aws = sageMakerAt(sageMaker(REGION, "train-rul", ["SpoolDecision", "SpoolReasons"], started), {
    SAGEMAKER_PIPELINE_PARAMETERS: "SpoolDecision, SpoolReasons",
  });
  await using db = await decided();
  assert.deepEqual(await callRetrainingHook(db.sql, aws.hook), CALLED);
  const row = await decision(db.sql);
  assert.deepEqual(
    [row.hook_receiver, row.hook_answer],
    ["sagemaker", `arn:aws:sagemaker:${REGION}:123456789012:pipeline/train-rul/execution/abc0`],
  );
  assert.deepEqual([...started.values()], [{
    PipelineName: "train-rul",
    ClientRequestToken: `spool-retraining-${row.hook_key}`,
    PipelineExecutionDisplayName: `spool-${NOW.toISOString().slice(0, 19).replaceAll(/[-:]/g, "")}Z`,
    PipelineExecutionDescription: "50 of 100 engines drift",
    PipelineParameters: [
      { Name: "SpoolDecision", Value: NOW.toISOString() },
      { Name: "SpoolReasons", Value: "drift" },
    ],
  }]);
});

Deno.test("an answer of SageMaker that is lost or cut is followed by one with the same token, which starts nothing twice", async () => {
  const started = new Map<string, StartRequest>();
  const real = sageMaker(REGION, "train-rul", [], started);
  let calls = 0;
  await using aws = sageMakerAt(async (request) => {
    const answer = await real(request);
    return ++calls === 1 ? new Response("{") : calls === 2 ? new Response("", { status: 500 }) : answer;
  });
  await using db = await decided();
  assert.deepEqual(await callRetrainingHook(db.sql, aws.hook, { now: NOW }), FAILED);
  assert.match((await decision(db.sql)).hook_error, /must answer with a PipelineExecutionArn: it did not$/);
  assert.deepEqual(await callRetrainingHook(db.sql, aws.hook, { now: later(60) }), FAILED);
  assert.deepEqual(await callRetrainingHook(db.sql, aws.hook, { now: later(240) }), CALLED);
  assert.equal(calls, 3);
  assert.equal(started.size, 1);
  assert.match((await decision(db.sql)).hook_answer, /abc0$/);
});

Deno.test("what SageMaker refuses is dead with its code and nothing else of its answer; what it cannot do now is tried again", async () => {
  const real = sageMaker(REGION, "train-rul", [], new Map());
  const outcome = async (
    answer: (request: Request) => Response | Promise<Response>,
    env: Record<string, string> = {},
  ) => {
    await using aws = sageMakerAt(answer, env);
    await using db = await decided();
    await callRetrainingHook(db.sql, aws.hook);
    const { hook_state, hook_error } = await decision(db.sql);
    assert.ok(!hook_error.includes(SAGEMAKER_KEY.secret), hook_error);
    return `${hook_state} ${/it answered (.*)$/.exec(hook_error)?.[1]}`;
  };
  assert.equal(await outcome(real, { AWS_SECRET_ACCESS_KEY: "wrong" }), "dead 400 InvalidSignatureException");
  assert.equal(await outcome(real, { AWS_REGION: "us-east-1" }), "dead 400 InvalidSignatureException");
  assert.equal(await outcome(real, { SAGEMAKER_PIPELINE_NAME: "other" }), "dead 400 ResourceNotFound");
  assert.equal(
    await outcome(real, { SAGEMAKER_PIPELINE_PARAMETERS: "SpoolReasons" }),
    "dead 400 ValidationException",
  );
  for (const code of ["ResourceLimitExceeded", "ThrottlingException"]) {
    const type = `com.amazonaws.sagemaker#${code}`;
    assert.equal(
      await outcome(() => Response.json({ __type: type }, { status: 400 })),
      `failed 400 ${code}`,
    );
  }
});

Deno.test("a configuration that would start two trainings, or none, is refused", () => {
  const configured = (env: Record<string, string>) => () =>
    retrainingHook(readConfig(RETRAINING_VARIABLES, env));
  const keys = { AWS_ACCESS_KEY_ID: "k", AWS_SECRET_ACCESS_KEY: "s" };
  assert.throws(
    configured({
      RETRAINING_WEBHOOK_URL: "https://ci.example/x",
      SAGEMAKER_PIPELINE_NAME: "p",
      AWS_REGION: "r",
      ...keys,
    }),
    (error) => error instanceof ConfigError && /only one of RETRAINING_WEBHOOK_URL/.test(error.message),
  );
  assert.throws(configured({ SAGEMAKER_PIPELINE_NAME: "p", ...keys }), /AWS_REGION/);
  assert.throws(configured({ SAGEMAKER_PIPELINE_NAME: "p", AWS_REGION: "r" }), /AWS_ACCESS_KEY_ID/);
  assert.throws(configured({ RETRAINING_WEBHOOK_URL: "http://ci.example/x" }), /RETRAINING_WEBHOOK_URL must/);
  assert.throws(configured({ SAGEMAKER_PIPELINE_NAME: "p_x" }), /SAGEMAKER_PIPELINE_NAME must/);
  assert.throws(
    configured({ SAGEMAKER_PIPELINE_PARAMETERS: "Reasons" }),
    /SAGEMAKER_PIPELINE_PARAMETERS must/,
  );
  const arn = "arn:aws:sagemaker:eu-west-1:123456789012:pipeline/train";
  assert.equal(configured({ SAGEMAKER_PIPELINE_NAME: arn, ...keys })()?.receiver, "sagemaker");
  assert.equal(configured({})(), undefined);
});
