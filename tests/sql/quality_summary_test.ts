import assert from "node:assert/strict";
import type postgres from "postgres";
import { hasPostgres15, type TestDatabase, testDatabase } from "../support/database.ts";
import { recordRun } from "../support/quality.ts";

async function engines(sql: postgres.Sql, ...unitNumbers: string[]): Promise<void> {
  await sql`insert into public.engines (unit_number) select unnest(${unitNumbers}::text[])`;
}

/** The summary without rules nobody has asked about; ages in hours. */
async function summary(sql: postgres.Sql, since?: string): Promise<Record<string, postgres.Row>> {
  const rows = await sql`
    select
      *,
      round(extract(epoch from now() - check_timestamp) / 3600)::integer as hours_ago,
      round(extract(epoch from now() - state_since) / 3600)::integer as hours_in_state
    from public.quality_summary_between(
      now() - ${since ?? "24 hours"}::interval, now()
    )`;
  return Object.fromEntries(
    rows.map((row) => [[row.metric_name, row.column_name].filter(Boolean).join(" "), row]),
  );
}

function runs({ runs_passed, runs_warned, runs_failed, runs_not_evaluated }: postgres.Row): number[] {
  return [runs_passed, runs_warned, runs_failed, runs_not_evaluated];
}

for (const version of [17, 15] as const) {
  const test = (name: string, fn: (db: TestDatabase) => Promise<void>) =>
    Deno.test({
      name: `${name} (Postgres ${version})`,
      ignore: version === 15 && !hasPostgres15,
      async fn() {
        await using db = await testDatabase({ version });
        await db.sql`delete from public.expectations`;
        await fn(db);
      },
    });

  test("the summary has the latest verdict of each check, and how its verdicts were spread", async ({ sql }) => {
    await recordRun(sql, 30, [{ metric: "completeness", status: "fail", value: 0.1 }]);
    await recordRun(sql, 5, [{ metric: "completeness", status: "fail", value: 0.2 }]);
    await recordRun(sql, 4, [{ metric: "completeness", status: "warning", value: 0.8 }]);
    await recordRun(sql, 3, [{ metric: "completeness", status: "not_evaluated" }]);
    await recordRun(sql, 2, [{ metric: "completeness", value: 0.97 }]);
    await recordRun(sql, 1, [{ metric: "completeness", value: 0.98, min: 0.9, evidence: { expected: 50 } }]);

    const { completeness } = await summary(sql);
    assert.deepEqual(
      [
        completeness.status,
        completeness.metric_value,
        completeness.threshold_min,
        completeness.threshold_max,
      ],
      ["pass", 0.98, 0.9, null],
    );
    assert.equal(completeness.rows_checked, "10");
    assert.deepEqual(completeness.evidence, { expected: 50 });
    assert.deepEqual(runs(completeness), [2, 1, 1, 1]);
    assert.deepEqual([completeness.hours_ago, completeness.hours_in_state], [1, 2]);

    assert.deepEqual(runs((await summary(sql, "48 hours")).completeness), [2, 1, 2, 1]);
    const viewed = await sql`select * from public.quality_summary`;
    const between = await sql`select * from public.quality_summary_between()`;
    assert.deepEqual([...viewed], [...between]);
    assert.equal(viewed.length, 1);
  });

  test("a state goes on from before the window, and each column has its own", async ({ sql }) => {
    for (const hoursAgo of [60, 40, 20]) {
      await recordRun(sql, hoursAgo, [
        { metric: "range", column: "s2", status: hoursAgo === 60 ? "pass" : "fail" },
        { metric: "range", column: "s3", status: hoursAgo === 20 ? "warning" : "fail" },
        { metric: "range" },
      ]);
    }
    const rows = await summary(sql);
    assert.deepEqual([rows["range s2"].status, rows["range s2"].hours_in_state], ["fail", 40]);
    assert.deepEqual([rows["range s3"].status, rows["range s3"].hours_in_state], ["warning", 20]);
    assert.deepEqual([rows.range.status, rows.range.hours_in_state], ["pass", 60]);
  });

  test("of two runs for the same moment the one that was written last counts", async ({ sql }) => {
    const first = await recordRun(sql, 1, [{ metric: "volume", status: "fail", value: 0 }]);
    const [{ moment }] = await sql`select as_of::text as moment from public.check_runs where id = ${first}`;
    await sql`
      insert into public.data_quality_metrics (table_name, metric_name, metric_value, status, check_timestamp)
      values ('sensor_data', 'volume', 7, 'pass', ${moment}::text::timestamptz)`;
    assert.deepEqual([(await summary(sql)).volume.status, (await summary(sql)).volume.metric_value], [
      "pass",
      7,
    ]);
  });

  test("what the newest run of a check does not say any more is past, and so is a check whose rules are off", async ({ sql }) => {
    await recordRun(sql, 3, [{ metric: "range", status: "not_evaluated" }, {
      metric: "stuck",
      status: "fail",
    }]);
    await recordRun(sql, 2, [{ metric: "range", column: "s2" }, { metric: "range", column: "s3" }]);
    await recordRun(sql, 1, [{ metric: "range", column: "s2" }]);
    assert.deepEqual(Object.keys(await summary(sql)).sort(), ["range s2", "stuck"]);

    await sql`insert into expectations (kind, max, description, active) values ('stuck', 20, 'off', false)`;
    assert.deepEqual(Object.keys(await summary(sql)), ["range s2"]);
  });

  test("verdicts on engines are counted, of the run of the latest verdict and its column alone", async ({ sql }) => {
    await engines(sql, "A", "B", "C");
    await recordRun(sql, 2, [
      { metric: "range", column: "s2", status: "fail" },
      { metric: "range", column: "s2", engine: "C", status: "fail" },
    ]);
    await recordRun(sql, 1, [
      { metric: "range", column: "s2", status: "fail" },
      { metric: "range", column: "s2", engine: "A", status: "fail" },
      { metric: "range", column: "s2", engine: "B", status: "warning" },
      { metric: "range", column: "s3", evidence: { broken: 9, broken_engines: 3 } },
      { metric: "range", column: "s4" },
      { metric: "completeness" },
      { metric: "completeness", engine: "A" },
    ]);
    const rows = await summary(sql);
    assert.deepEqual(Object.keys(rows).sort(), ["completeness", "range s2", "range s3", "range s4"]);
    assert.equal(rows["range s2"].engines_failing, 2);
    assert.deepEqual(runs(rows["range s2"]), [0, 0, 2, 0]);
    assert.equal(rows["range s3"].engines_failing, 3);
    assert.equal(rows["range s4"].engines_failing, 0);
    assert.equal(rows.completeness.engines_failing, 0);
  });

  test("a check with a rule and no verdict in the window is not_evaluated, and says since when", async ({ sql }) => {
    await sql`
      insert into public.expectations (kind, column_name, active, dataset, max, description) values
        ('freshness', null, true, null, 3, 'judged long ago'),
        ('volume', null, true, null, 2, 'never judged'),
        ('range', 's2', true, null, 1, 'judged'),
        ('range', 's3', true, null, 1, 'not judged'),
        ('range', 's3', true, 'FD001', 1, 'the same check'),
        ('nulls', null, true, null, null, 'judged by column'),
        ('stuck', 's4', true, null, 20, 'judged for all columns at once'),
        ('clock', null, false, null, null, 'switched off'),
        ('columns', null, true, null, null, 'of files')`;
    await recordRun(sql, 30, [{ metric: "freshness" }]);
    await recordRun(sql, 1, [
      { metric: "range", column: "s2" },
      { metric: "nulls", column: "s2" },
      { metric: "stuck" },
    ]);
    const rows = await summary(sql);
    const unjudged = Object.keys(rows).filter((key) => rows[key].status === "not_evaluated").sort();
    assert.deepEqual(unjudged, ["freshness", "range s3", "volume"]);
    assert.equal(rows.volume.evidence.reason, "No run in this time has judged it");
    assert.deepEqual([rows.volume.evidence.last_judged_at, rows.volume.state_since], [null, null]);
    assert.equal(rows.freshness.hours_in_state, 30);
    assert.equal(
      new Date(rows.freshness.evidence.last_judged_at).getTime(),
      rows.freshness.state_since.getTime(),
    );
    assert.deepEqual([rows.volume.metric_value, rows.volume.check_timestamp, rows.volume.engines_failing], [
      null,
      null,
      0,
    ]);
    assert.deepEqual(runs(rows.volume), [0, 0, 0, 0]);

    // the control: in a window that holds its verdict it is a pass
    assert.equal((await summary(sql, "31 hours")).freshness.status, "pass");
  });

  test("any past moment can be summarised", async ({ sql }) => {
    await recordRun(sql, 50, [{ metric: "volume", status: "fail", value: 0 }]);
    await recordRun(sql, 1, [{ metric: "volume" }]);
    const [then] = await sql`
      select * from public.quality_summary_between(now() - interval '3 days', now() - interval '2 days')`;
    assert.deepEqual([then.status, then.runs_failed, then.runs_passed], ["fail", 1, 0]);
  });
}
