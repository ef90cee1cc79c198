import assert from "node:assert/strict";
import { METRIC_FAMILIES, METRIC_PREFIX } from "../../../functions/quality/metric_families.ts";
import { Answer } from "../../../functions/quality/rows.ts";
import { storeBatch } from "../../../shared/intake.ts";
import { readExposition } from "../../support/exposition.ts";
import { fleetInOperation } from "../../support/fleet_in_operation.ts";
import { promtool } from "../../support/promtool.ts";
import { PUBLISHABLE, type QualityServer, qualityServer, SECRET } from "../../support/quality_server.ts";
import { candidates, reading } from "../../support/readings.ts";

async function scrape(server: QualityServer, headers: Record<string, string> = SECRET) {
  const response = await fetch(`${server.url}/prometheus`, { headers });
  assert.equal(response.status, 200);
  return { type: response.headers.get("content-type"), text: await response.text() };
}

/** A sample's value, by name and labels. */
function valueOf(text: string, name: string, labels: Record<string, string> = {}): number | undefined {
  for (const { samples } of readExposition(text).values()) {
    const found = samples.find((sample) =>
      sample.name === `${METRIC_PREFIX}${name}` &&
      Object.entries(labels).every(([label, value]) => sample.labels[label] === value)
    );
    if (found !== undefined) return found.value;
  }
  return undefined;
}

Deno.test("the metrics of a fleet in operation are what is in its database, and every family has a sample", async (t) => {
  await using server = await qualityServer();
  const { sql } = server.db;
  await fleetInOperation(sql);
  const { type, text } = await scrape(server);
  assert.equal(type, "text/plain; version=0.0.4; charset=utf-8");
  const families = readExposition(text);
  assert.deepEqual(
    [...families.keys()].sort(),
    Object.keys(METRIC_FAMILIES).map((name) => METRIC_PREFIX + name).sort(),
  );
  assert.deepEqual(
    [...families.values()].filter(({ samples }) => samples.length === 0).map(({ name }) => name),
    [],
  );
  const value = (name: string, labels?: Record<string, string>) => valueOf(text, name, labels);
  const ingest = { source: "ingest" };
  for (const [outcome, count] of Object.entries({ accepted: 2, duplicate: 1, rejected: 1 })) {
    assert.equal(value("ingest_readings_total", { ...ingest, outcome }), count, outcome);
  }
  assert.equal(value("ingest_batches_total", ingest), 1);
  assert.equal(value("ingest_processing_seconds_count", ingest), 1);
  assert.equal(value("ingest_event_lag_seconds_bucket", { ...ingest, le: "900" }), 0);
  assert.equal(value("ingest_event_lag_seconds_bucket", { ...ingest, le: "21600" }), 1);
  assert.equal(value("dead_letters_open", ingest), 1);
  assert.equal(value("dead_letters_open", { source: "load" }), 0);
  const near = (name: string, expected: number, labels?: Record<string, string>) =>
    assert.ok(Math.abs(value(name, labels)! - expected) < 60, `${name} is ${value(name, labels)}`);
  near("source_reading_age_seconds", 3600, ingest);
  near("source_silence_seconds", 0, ingest);
  near("model_age_seconds", 3 * 86400, { purpose: "rul", model: "rul" });
  near("lake_age_seconds", 7200);
  near("heartbeat_age_seconds", 120 + 30); // of the minute's start
  assert.equal(value("alerts_open", { severity: "fail", state: "open" })! >= 1, true);
  assert.equal(value("alert_deliveries", { state: "dead" }), 1);
  assert.equal(value("partitions_ahead"), 4);
  assert.equal(value("pipeline_run_state", { pipeline: "daily", state: "succeeded" }), 1);
  assert.equal(value("pipeline_run_state", { pipeline: "daily", state: "failed" }), 0);
  assert.equal(value("pipeline_run_duration_seconds", { pipeline: "daily" }), 240);
  assert.equal(value("engines", { status: "active" }), 1);
  assert.equal(value("job_period_seconds", { name: "spool-watch" }), 600);
  const [run] = await sql`
    select metric_name, coalesce(column_name, '') as "column", status, metric_value from data_quality_metrics
    where metric_name = 'rejected'`;
  const check = { check: run.metric_name, column: run.column };
  assert.equal(value("check_status", { ...check, status: run.status }), 1);
  assert.equal(value("check_value", check), run.metric_value);
  const others = ["pass", "warning", "fail", "not_evaluated"].filter((status) => status !== run.status);
  for (const status of others) assert.equal(value("check_status", { ...check, status }), 0);
  // engines are no label: there may be ten thousand
  assert.ok(!text.includes("ENGINE_001"));

  const open = await scrape(server, { ...SECRET, accept: "application/openmetrics-text" });
  assert.equal(open.type, "application/openmetrics-text; version=1.0.0; charset=utf-8");
  assert.equal(readExposition(open.text, "openMetrics").size, families.size);

  await t.step({
    name: "promtool finds nothing to complain of",
    ignore: promtool === undefined,
    fn: async () => {
      const found = await promtool!(["check", "metrics"], text);
      assert.deepEqual([found.code, found.output], [0, ""]);
    },
  });
});

Deno.test("counters only go up, also when batches and counters are pruned between two scrapes", async () => {
  await using server = await qualityServer();
  const { sql } = server.db;
  const labels = { source: "ingest", outcome: "accepted" };
  let last = 0;
  for (let cycle = 1; cycle <= 5; cycle++) {
    await storeBatch(sql, { source: "ingest", reference: null }, candidates([reading({ cycle })]));
    // twenty minutes pass
    await sql`update batches set received_at = received_at - interval '20 minutes'`;
    await sql`update intake_counters set until = until - interval '20 minutes'`;
    if (cycle % 2 === 0) {
      await sql`select count_intake()`;
      await sql`delete from batches`;
      await sql`select prune_asset('intake_counters', now() + interval '1 day')`;
    }
    const { text } = await scrape(server);
    const now = valueOf(text, "ingest_readings_total", labels)!;
    assert.equal(now, last + 1);
    assert.equal(valueOf(text, "ingest_processing_seconds_count", { source: "ingest" }), cycle);
    last = now;
  }
});

Deno.test("an empty database gives metrics too, and of what there is not none", async () => {
  await using server = await qualityServer();
  const { text } = await scrape(server);
  const families = readExposition(text);
  assert.equal(families.size, Object.keys(METRIC_FAMILIES).length);
  assert.equal(families.get("spool_model_age_seconds")!.samples.length, 0);
  assert.equal(families.get("spool_heartbeat_age_seconds")!.samples.length, 0);
  assert.equal(valueOf(text, "queue_oldest_age_seconds"), 0);
});

Deno.test("metrics and levels need a key with the right to all that they are made of", async () => {
  await using server = await qualityServer();
  const user = { authorization: `Bearer ${await server.userToken()}` };
  for (const path of ["/prometheus", "/slo"]) {
    const nobody = await server.get(path, {});
    assert.deepEqual([nobody.status, nobody.body.type], [401, "urn:spool:problem:unauthorized"]);
    const stranger = await server.get(path, PUBLISHABLE);
    assert.deepEqual([stranger.status, stranger.body.type], [403, "urn:spool:problem:forbidden"]);
    assert.equal((await server.post(path, {})).status, 405);
    assert.equal((await server.get(`${path}?x=1`)).status, 400);
  }
  // dead letters are confidential, and an alert on a number of them that is always 0 would never fire
  const { status, body } = await server.get("/prometheus", user);
  assert.equal(status, 403);
  assert.match(body.detail, /permission denied for dead_letters\./);
  assert.equal((await server.get("/slo", user)).status, 200);
});

Deno.test("the levels over HTTP are the function's rows, and what was not measured says why", async () => {
  await using server = await qualityServer();
  const { sql } = server.db;
  const empty = await server.get("/slo");
  assert.equal(empty.status, 200, JSON.stringify(empty.body));
  assert.deepEqual(Answer.slo.parse(empty.body), empty.body);
  assert.deepEqual([empty.body.hours, empty.body.status, empty.body.levels.length], [24, "not_measured", 10]);
  await fleetInOperation(sql);
  const { body } = await server.get("/slo?hours=1");
  const level = (name: string) => body.levels.find(({ measure }: { measure: string }) => measure === name)!;
  assert.equal(level("ingestion_latency").status, "met");
  assert.equal(level("schema_compliance").value, 1);
  assert.equal(level("anomaly_detection_accuracy").reason, "no model has been trained");
  assert.equal(
    body.status,
    body.levels.some(({ status }: { status: string }) => status === "missed") ? "missed" : "not_measured",
  );
  for (const hours of ["0", "2161", "x"]) assert.equal((await server.get(`/slo?hours=${hours}`)).status, 400);
});
