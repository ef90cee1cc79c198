/** Pipelines over HTTP: how runs went, and starting parts of them again. */

import assert from "node:assert/strict";
import { problem } from "../../support/ingest_server.ts";
import { at, TEN, testPipeline, tick } from "../../support/pipeline.ts";
import { type QualityServer, qualityServer, SECRET, SENDER } from "../../support/quality_server.ts";

/** extract → check → report; load beside check. */
async function withPipeline(server: QualityServer): Promise<void> {
  await testPipeline(server.db.sql, [
    { name: "extract" },
    { name: "check", after: ["extract"], maxAttempts: 1 },
    { name: "load", after: ["extract"] },
    { name: "report", after: ["check"] },
  ]);
}

/** One run, in which check has failed. */
async function withFailedRun(server: QualityServer): Promise<number> {
  const { sql } = server.db;
  await withPipeline(server);
  await sql`insert into behaviours (task, sqlstate) values ('check', 'P0001')`;
  await tick(sql, TEN);
  const [{ id, state }] = await sql`select id::float8, state from pipeline_runs`;
  assert.equal(state, "failed");
  return id;
}

async function audited(server: QualityServer): Promise<unknown[][]> {
  const rows = await server.db.sql`
    select actor, action, target from audit_log where actor = 'function quality' order by id`;
  return rows.map(({ actor, action, target }) => [actor, action, target]);
}

Deno.test("pipelines are told with their tasks and what each waits for", async () => {
  await using server = await qualityServer();
  await withPipeline(server);
  const { status, body } = await server.get("/pipelines");
  assert.equal(status, 200);
  const [pipeline] = body.pipelines;
  assert.deepEqual([pipeline.name, pipeline.active, pipeline.next_logical_time], [
    "test",
    true,
    "2024-01-01T10:00:00Z",
  ]);
  assert.deepEqual(
    pipeline.tasks.map(({ name, depends_on }: Record<string, unknown>) => [name, depends_on]),
    [["check", ["extract"]], ["extract", []], ["load", ["extract"]], ["report", ["check"]]],
  );
});

Deno.test("a run is told with its tasks, and alone with every attempt", async () => {
  await using server = await qualityServer();
  const id = await withFailedRun(server);
  const { body: list } = await server.get("/pipelines/test/runs");
  const states = (run: { tasks: { task: string; state: string }[] }) =>
    Object.fromEntries(run.tasks.map(({ task, state }) => [task, state]));
  const expected = { extract: "succeeded", check: "failed", load: "succeeded", report: "skipped" };
  assert.deepEqual(list.runs.map(states), [expected]);
  assert.equal(list.next, null);
  const { body } = await server.get(`/pipelines/test/runs/${id}`);
  assert.deepEqual(states(body.run), expected);
  assert.deepEqual(
    body.attempts.map(({ outcome, error }: Record<string, unknown>) => [outcome, error]),
    [["succeeded", null], ["failed", "as the test wants"], ["succeeded", null]],
  );
});

Deno.test("runs are paged by logical time, the latest first, and chosen by their state", async () => {
  await using server = await qualityServer();
  await withPipeline(server);
  await server.db.sql`
    select make_pipeline_run('test', ${
    at(0).toISOString()
  }::text::timestamptz + hour * interval '1 hour', 'manual')
    from unnest('{2,0,1}'::integer[]) as hour`;
  const times: string[] = [];
  let next: string | null = null;
  do {
    const cursor: string = next === null ? "" : `&cursor=${encodeURIComponent(next)}`;
    const { body } = await server.get(`/pipelines/test/runs?limit=2${cursor}`);
    times.push(...body.runs.map(({ logical_time }: { logical_time: string }) => logical_time));
    next = body.next;
  } while (next !== null);
  assert.deepEqual(times, ["2024-01-01T12:00:00Z", "2024-01-01T11:00:00Z", "2024-01-01T10:00:00Z"]);
  const { body } = await server.get("/pipelines/test/runs?state=failed");
  assert.deepEqual(body.runs, []);
});

Deno.test("a task runs again with all that follow it, and the others keep what they have", async () => {
  await using server = await qualityServer();
  const { sql } = server.db;
  const id = await withFailedRun(server);
  await sql`delete from behaviours`;
  const { status, body } = await server.post(`/pipelines/test/runs/${id}/rerun`, { task: "check" });
  assert.equal(status, 200);
  assert.deepEqual(body, { id, state: "queued", waiting: ["check", "report"] });
  await tick(sql, at(0, 1));
  const { body: { run, attempts } } = await server.get(`/pipelines/test/runs/${id}`);
  assert.equal(run.state, "succeeded");
  assert.equal(attempts.length, 5); // extract and load once, check twice, report once
  assert.deepEqual(await audited(server), [["function quality", "run.rerun", String(id)]]);
});

Deno.test("a run that goes on can be cancelled and nothing of it be run again; one that has ended the other way around", async () => {
  await using server = await qualityServer();
  const id = await withFailedRun(server);
  const over = await server.post(`/pipelines/test/runs/${id}/cancel`, {});
  assert.equal(over.status, 409);
  assert.deepEqual(over.body, {
    ...problem(409, "run-ended", "The run has ended"),
    detail: "Cannot cancel a run as it must be queued or running: current value is failed",
  });
  await server.post(`/pipelines/test/runs/${id}/rerun`, { task: "check" });
  const early = await server.post(`/pipelines/test/runs/${id}/rerun`, { task: "check" });
  assert.equal(early.status, 409);
  assert.match(
    early.body.detail,
    /^Cannot rerun a task as its run must have ended: current value is queued$/,
  );
  const { status, body } = await server.post(`/pipelines/test/runs/${id}/cancel`, {});
  assert.deepEqual([status, body], [200, { id, state: "cancelled", waiting: [] }]);
  const skipped = await server.post(`/pipelines/test/runs/${id}/rerun`, { task: "report" });
  assert.match(
    skipped.body.detail,
    /^Cannot rerun report as what it depends on must have succeeded: check has not$/,
  );
});

Deno.test("a backfill makes the runs that past periods do not have", async () => {
  await using server = await qualityServer();
  const id = await withFailedRun(server);
  const hours = { from: "2024-01-01T08:30:00Z", to: "2024-01-01T11:00:00Z" };
  const { status, body } = await server.post("/pipelines/test/backfill", hours);
  assert.deepEqual([status, body], [200, { runs: 2 }]); // 9 and 11; 10 has its run
  assert.deepEqual((await server.post("/pipelines/test/backfill", hours)).body, { runs: 0 });
  const made = await server.db.sql`
    select trigger, logical_time from pipeline_runs where id <> ${id} order by logical_time`;
  assert.deepEqual(made.map(({ trigger, logical_time }) => [trigger, logical_time.getUTCHours()]), [
    ["backfill", 9],
    ["backfill", 11],
  ]);
  const backwards = await server.post("/pipelines/test/backfill", { from: hours.to, to: hours.from });
  assert.equal(backwards.status, 400);
  assert.match(
    backwards.body.detail,
    /^Cannot backfill as from_time and to_time must be past moments in this order/,
  );
  assert.deepEqual(await audited(server), [
    ["function quality", "pipeline.backfill", "test"],
    ["function quality", "pipeline.backfill", "test"],
  ]);
});

Deno.test("what there is not is not found, and what has no meaning is refused", async () => {
  await using server = await qualityServer();
  const id = await withFailedRun(server);
  const period = { from: "2024-01-01T08:00:00Z", to: "2024-01-01T09:00:00Z" };
  const unknown: [string, unknown?][] = [
    ["/pipelines/other/runs"],
    ["/pipelines/no%20name/runs"],
    [`/pipelines/other/runs/${id}`],
    ["/pipelines/test/runs/999"],
    ["/pipelines/other/backfill", period],
    [`/pipelines/other/runs/${id}/rerun`, { task: "check" }],
    [`/pipelines/test/runs/${id}/rerun`, { task: "other" }],
    ["/pipelines/test/runs/999/cancel", {}],
  ];
  for (const [path, body] of unknown) {
    const answer = body === undefined ? await server.get(path) : await server.post(path, body);
    assert.deepEqual([answer.status, answer.body.type], [404, "urn:spool:problem:not-found"], path);
  }
  for (
    const [path, body] of [
      ["/pipelines/test/backfill", { ...period, to: "tomorrow" }],
      ["/pipelines/test/backfill", {}],
      [`/pipelines/test/runs/${id}/rerun`, {}],
      [`/pipelines/test/runs/${id}/cancel`, { now: true }],
      ["/pipelines/test/runs/x/cancel", {}],
    ] as const
  ) {
    const { status, body: answer } = await server.post(path, body);
    assert.deepEqual([status, answer.type], [400, "urn:spool:problem:invalid-parameter"], path);
  }
  assert.equal((await server.post("/pipelines", {}, SENDER)).status, 405);
  assert.equal((await server.get("/pipelines/test/backfill", SECRET)).status, 405);
});
