import assert from "node:assert/strict";
import type postgres from "postgres";
import { storeBatch } from "../../shared/intake.ts";
import { hasPostgres15, type TestDatabase, testDatabase } from "../support/database.ts";
import { recordRun } from "../support/quality.ts";
import { candidates, reading } from "../support/readings.ts";

const ORIGIN = { source: "ingest", reference: null } as const;
const HOUR_MS = 3_600_000;

async function store(sql: postgres.Sql, engine_id: string, ...hoursAgo: number[]): Promise<void> {
  await storeBatch(
    sql,
    ORIGIN,
    candidates(
      hoursAgo.map((hours, i) =>
        reading({ engine_id, cycle: i + 1, timestamp: new Date(Date.now() - hours * HOUR_MS).toISOString() })
      ),
    ),
  );
}

async function drift(sql: postgres.Sql, unitNumber: string, verdicts: Record<string, string>): Promise<void> {
  await sql`
    insert into public.sensor_drift (
      engine_id, column_name, verdict, ks_statistic, p_value, q_value, wear, baseline_readings,
      window_readings, as_of
    )
    select id, column_name, verdict, 0.5, 0.01, 0.02, 0.75, 100, 100, now()
    from public.engines, jsonb_each_text(${
    JSON.stringify(verdicts)
  }::text::jsonb) as given (column_name, verdict)
    where unit_number = ${unitNumber}`;
}

async function health(sql: postgres.Sql): Promise<Record<string, postgres.Row>> {
  const rows = await sql`
    select *, silent_for::text as silence, cadence::text as steps from public.engine_health order by unit_number`;
  return Object.fromEntries(rows.map((row) => [row.unit_number, row]));
}

for (const version of [17, 15] as const) {
  const test = (name: string, fn: (db: TestDatabase) => Promise<void>) =>
    Deno.test({
      name: `${name} (Postgres ${version})`,
      ignore: version === 15 && !hasPostgres15,
      async fn() {
        await using db = await testDatabase({ version });
        await fn(db);
      },
    });

  test("an engine that is judged and passes is ok, and its last reading and cadence are told", async ({ sql }) => {
    await store(sql, "A", 5, 3);
    await sql`
      insert into public.engine_baselines (engine_id, readings, complete, first_timestamp, last_timestamp, cadence)
      select id, 100, true, now(), now(), '2 hours' from public.engines`;
    await recordRun(sql, 1, [{ metric: "completeness", engine: "A", value: 0.75, min: 0.5 }]);
    const { A } = await health(sql);
    assert.deepEqual([A.health, A.reasons, A.problems], ["ok", [], []]);
    assert.deepEqual([A.status, A.dataset, A.completeness, A.last_cycle], ["active", null, 0.75, 2]);
    assert.match(A.silence, /^03:00:0\d/);
    assert.equal(A.steps, "02:00:00");

    await sql`update public.engines set cadence = '1 hour'`;
    assert.equal((await health(sql)).A.steps, "01:00:00");
  });

  test("the worst verdict of the latest run counts, and each that did not pass is a reason", async ({ sql }) => {
    await store(sql, "FAILS", 1);
    await store(sql, "WARNS", 1);
    await store(sql, "RECOVERED", 1);
    await recordRun(sql, 3, [{ metric: "stuck", engine: "RECOVERED", status: "fail" }]);
    await recordRun(sql, 1, [
      { metric: "completeness", engine: "FAILS", status: "warning", value: 0.4, min: 0.9 },
      {
        metric: "range",
        column: "s2",
        engine: "FAILS",
        status: "fail",
        value: 3,
        max: 0,
        evidence: { first: "now" },
      },
      { metric: "completeness", engine: "WARNS", status: "warning", value: 1 / 3, min: 0.9 },
      {
        metric: "nulls",
        engine: "WARNS",
        status: "warning",
        value: 0.5,
        min: 1,
        evidence: { columns: { s11: 2, s2: 1 } },
      },
      { metric: "stuck", engine: "WARNS" },
      { metric: "completeness", engine: "RECOVERED" },
    ]);
    const rows = await health(sql);
    assert.equal(rows.FAILS.health, "fail");
    assert.deepEqual(rows.FAILS.reasons, [
      "range s2 fail: 3 (at most 0)",
      "completeness warning: 0.4 (at least 0.9)",
    ]);
    assert.deepEqual(
      rows.FAILS.problems.map((
        problem: postgres.Row,
      ) => [problem.metric_name, problem.column_name, problem.evidence]),
      [["range", "s2", { first: "now" }], ["completeness", null, {}]],
    );
    assert.equal(rows.WARNS.health, "warning");
    assert.deepEqual(rows.WARNS.reasons, [
      "completeness warning: 0.33333334 (at least 0.9)",
      "nulls s2, s11 warning: 0.5 (at least 1)",
    ]);
    assert.deepEqual([rows.RECOVERED.health, rows.RECOVERED.reasons], ["ok", []]);
  });

  test("drifting and wearing sensors are named in their order, and drift warns", async ({ sql }) => {
    await store(sql, "A", 1);
    await store(sql, "B", 1);
    await store(sql, "C", 1);
    await drift(sql, "A", { s11: "drift", s2: "drift", s3: "stable", s20: "degradation", s4: "degradation" });
    await drift(sql, "B", { s2: "stable", s3: "degradation" });
    await drift(sql, "C", { s2: "drift" });
    await sql`update public.engines set status = 'retired' where unit_number = 'C'`;
    await recordRun(sql, 1, ["A", "B", "C"].map((engine) => ({ metric: "completeness", engine })));
    const { A, B, C } = await health(sql);
    assert.deepEqual([A.sensors_drifting, A.sensors_degrading, A.wear], [["s2", "s11"], ["s4", "s20"], 0.75]);
    assert.deepEqual([A.health, A.reasons], ["warning", ["drifting: s2, s11"]]);
    assert.deepEqual([B.health, B.sensors_drifting, B.wear], ["ok", [], 0.75]);
    // it will not drift back
    assert.deepEqual([C.health, C.sensors_drifting, C.reasons], ["ok", ["s2"], ["its status is retired"]]);
  });

  test("an engine that nobody has judged, or that says nothing, is unknown and not ok", async ({ sql }) => {
    await store(sql, "JUDGED", 1);
    await store(sql, "NEW", 1);
    await store(sql, "TOO_LITTLE", 1);
    await sql`insert into public.engines (unit_number) values ('SILENT')`;
    const verdicts = [
      { metric: "completeness", engine: "JUDGED" },
      { metric: "completeness", engine: "SILENT" },
      { metric: "completeness", engine: "TOO_LITTLE", status: "not_evaluated" as const },
    ];
    const words = async () =>
      Object.values(await health(sql)).map((row) => [row.unit_number, row.health, row.reasons]);

    await recordRun(sql, 25, verdicts);
    const stale = ["no run of the checks in the last 24 hours"];
    assert.deepEqual(await words(), [
      ["JUDGED", "unknown", stale],
      ["NEW", "unknown", stale],
      ["SILENT", "unknown", ["it has sent no reading", ...stale]],
      ["TOO_LITTLE", "unknown", stale],
    ]);

    await recordRun(sql, 23, verdicts);
    assert.deepEqual(await words(), [
      ["JUDGED", "ok", []],
      ["NEW", "unknown", ["the latest run of the checks has no verdict on it"]],
      ["SILENT", "unknown", ["it has sent no reading"]],
      ["TOO_LITTLE", "unknown", ["the latest run of the checks had too little to judge it"]],
    ]);
  });

  test("a run that has not ended, or is about a moment to come, is not the latest", async ({ sql }) => {
    await store(sql, "A", 1);
    await recordRun(sql, 2, [{ metric: "completeness", engine: "A" }]);
    const unfinished = await recordRun(sql, 1, [{ metric: "completeness", engine: "A", status: "fail" }]);
    await recordRun(sql, -1, [{ metric: "completeness", engine: "A", status: "fail" }]);
    assert.equal((await health(sql)).A.health, "fail");
    await sql`update public.check_runs set finished_at = null where id = ${unfinished}`;
    assert.equal((await health(sql)).A.health, "ok");
  });
}

Deno.test("the last reading of each engine is found by index, and no month before it is read", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  const months = Array.from({ length: 60 }, (_, i) => new Date(Date.UTC(2021, i, 1)).toISOString());
  await sql`select public.create_sensor_data_partitions(${months}::timestamptz[])`;
  await sql`insert into public.engines (unit_number) select 'ENGINE_' || n from generate_series(1, 40) as n`;
  await sql`
    insert into public.sensor_data (engine_id, cycle, "timestamp", batch_id)
    select id, row_number() over (partition by id order by at), at, gen_random_uuid()
    from public.engines, generate_series('2021-01-01'::timestamptz, '2025-12-31', '1 day') as at`;
  await sql`analyze public.sensor_data`;

  const rows = await sql`explain (analyze, costs off, timing off) select * from public.engine_health`;
  const scans = rows.map((row) => row["QUERY PLAN"]).filter((line) =>
    / on sensor_data_\d{4}_\d\d/.test(line)
  );
  const read = scans.filter((line) => !/never executed/.test(line));
  assert.ok(scans.length >= 64, scans.join("\n"));
  assert.deepEqual(
    read.filter((line) => !/Index (Only )?Scan/.test(line) && !/rows=0(\.00)? /.test(line)),
    [],
  );
  // its own month, and later ones, which are empty
  assert.deepEqual(read.filter((line) => /sensor_data_202[1-4]|sensor_data_2025_(0|10|11)/.test(line)), []);
  // for the last reading, and for the thirtieth before it
  assert.equal(read.filter((line) => /sensor_data_2025_12/.test(line)).length, 2);
});
