/** What came before: verdicts of checks, events of alerts. */

import assert from "node:assert/strict";
import { recordRun } from "../../support/quality.ts";
import { qualityServer } from "../../support/quality_server.ts";

Deno.test("each check is told with its verdicts on the table, oldest first, as long as they are in the hours asked for", async () => {
  await using server = await qualityServer();
  const { sql } = server.db;
  await sql`insert into engines (unit_number) values ('ONE')`;
  await recordRun(sql, 30, [{ metric: "volume" }]);
  await recordRun(sql, 1, [
    { metric: "volume", status: "fail", value: 7 },
    { metric: "nulls", column: "s2", status: "not_evaluated" },
    { metric: "volume", engine: "ONE", status: "fail" },
  ]);
  await recordRun(sql, 3, [{ metric: "volume", value: 2 }]);
  const { status, body } = await server.get("/history");
  assert.equal(status, 200);
  const told = body.checks.map((check: Record<string, unknown>) => [
    check.metric_name,
    check.column_name,
    check.statuses,
    check.metric_values,
  ]);
  assert.deepEqual(told, [
    ["nulls", "s2", ["not_evaluated"], [null]],
    ["volume", null, ["pass", "fail"], [2, 7]],
  ]);
  const { moments } = body.checks[1];
  assert.ok(Math.abs(moments[1] - moments[0] - 7200) < 5, moments);
  assert.deepEqual((await server.get("/history?hours=48")).body.checks[1].statuses, ["pass", "pass", "fail"]);
});

Deno.test("verdicts are chosen by whether they are on the table or on single engines", async () => {
  await using server = await qualityServer();
  await server.db.sql`insert into engines (unit_number) values ('ONE')`;
  await recordRun(server.db.sql, 1, [{ metric: "volume" }, { metric: "volume", engine: "ONE" }]);
  const engines = async (of: string) =>
    (await server.get(`/metrics?of=${of}`)).body.metrics.map(({ unit_number }: { unit_number: unknown }) =>
      unit_number
    );
  assert.deepEqual(await engines("table"), [null]);
  assert.deepEqual(await engines("engines"), ["ONE"]);
});

Deno.test("an alert is told with what happened to it, the latest first", async () => {
  await using server = await qualityServer();
  const { sql } = server.db;
  const observed = [{
    kind: "stuck",
    subject: "s2",
    failing: true,
    severity: "warning",
    summary: "s2 is stuck",
    evidence: {},
  }];
  await sql`select observe_alerts(${JSON.stringify(observed)}::text::jsonb, now() - interval '1 hour')`;
  const [{ id }] = await sql`select id::float8 from alerts`;
  await server.post(`/alerts/${id}/ack`, { acknowledged_by: "anna" });
  const { status, body } = await server.get(`/alerts/${id}`);
  assert.equal(status, 200);
  assert.equal(body.alert.acknowledged_by, "anna");
  assert.deepEqual(
    body.events.map(({ event, actor }: Record<string, unknown>) => [event, actor]),
    [["acknowledged", "anna"], ["opened", "spool"]],
  );
  assert.equal((await server.get("/alerts/999")).status, 404);
  assert.equal((await server.get("/alerts/x")).status, 400);
  assert.equal((await server.post(`/alerts/${id}`)).status, 405);
});
