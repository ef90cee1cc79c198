import assert from "node:assert/strict";
import { Answer } from "../../../functions/quality/rows.ts";
import { recordRun } from "../../support/quality.ts";
import { qualityServer } from "../../support/quality_server.ts";
import { wornFleet } from "../../support/worn_fleet.ts";

Deno.test("the health of an engine over HTTP is the view's row with its earlier reports", async () => {
  await using server = await qualityServer();
  const { sql } = server.db;
  await wornFleet(sql);
  const { status, body } = await server.get("/engines/DRIFTS/health?reports=2");
  assert.equal(status, 200, JSON.stringify(body));
  assert.deepEqual(Answer.health.parse(body), body);
  const { engine, reports } = body;
  assert.deepEqual([engine.unit_number, engine.health, engine.wear_trend], ["DRIFTS", "warning", "rising"]);
  assert.deepEqual(engine.inspect_first.map(({ module }: { module: string }) => module), [
    "HPC",
    "LPC",
    "LPT",
  ]);
  assert.deepEqual(reports.map(({ last_cycle }: { last_cycle: number }) => last_cycle), [49, 50]);
  assert.equal((await server.get("/engines/WORN/health")).body.engine.predicted_rul, 40);

  for (const unit of ["NOBODY", "'"]) {
    const answer = await server.get(`/engines/${unit}/health`);
    assert.equal(answer.status, 404);
    assert.match(answer.body.detail, /^Cannot find the engine /);
  }
  assert.equal((await server.get("/engines/WORN/health?reports=-1")).status, 400);
  assert.equal((await server.post("/engines/WORN/health")).status, 405);
});

Deno.test("the fleets over HTTP are the view's rows, of one dataset where that is asked for", async () => {
  await using server = await qualityServer();
  await wornFleet(server.db.sql);
  const { status, body } = await server.get("/fleet");
  assert.equal(status, 200, JSON.stringify(body));
  assert.deepEqual(Answer.fleet.parse(body), body);
  assert.deepEqual([body.fleets.length, body.fleets[0].engines, body.fleets[0].anomalous_share], [
    1,
    5,
    0.25,
  ]);
  assert.deepEqual(
    body.fleets[0].look_at_first.map(({ unit_number }: { unit_number: string }) => unit_number),
    ["WORN", "STRANGE", "DRIFTS"],
  );
  assert.deepEqual((await server.get("/fleet?dataset=FD001")).body.fleets, []);
});

Deno.test("decisions to train again over HTTP, latest first, in pages, with evidence and without the lease or the key", async () => {
  await using server = await qualityServer();
  const { sql } = server.db;
  const moment = (minutes: number) => new Date(Date.now() - minutes * 60_000);
  await sql`select check_retraining(${moment(3)})`;
  await recordRun(sql, 1, [{ metric: "drift", evidence: { engines: 10, failing_count: 5 } }]);
  await sql`select check_retraining(${moment(2)})`;
  await sql`select check_retraining(${moment(1)})`;
  const { status, body } = await server.get("/retraining");
  assert.equal(status, 200, JSON.stringify(body));
  assert.deepEqual(Answer.retraining.parse(body), body);
  assert.deepEqual(
    body.decisions.map((row: Record<string, unknown>) => [row.retrain, row.hook_state, row.criteria]),
    [[true, "not_needed", ["drift"]], [true, "due", ["drift"]], [false, "not_needed", []]],
  );
  assert.equal(body.decisions[0].evidence.drift.value, 0.5);
  assert.equal(body.decisions[0].evidence.model_age.verdict, "not_evaluated");
  assert.deepEqual(Object.keys(body.decisions[0]).filter((name) => /lease|key/.test(name)), []);
  const first = await server.get("/retraining?limit=2");
  const second = await server.get(`/retraining?limit=2&cursor=${encodeURIComponent(first.body.next)}`);
  assert.deepEqual([...first.body.decisions, ...second.body.decisions], body.decisions);
  assert.equal(second.body.next, null);
  assert.equal((await server.get("/retraining?retrain=false")).body.decisions.length, 1);
  assert.equal((await server.get("/retraining?retrain=maybe")).status, 400);
});
