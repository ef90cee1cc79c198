import assert from "node:assert/strict";
import { qualityReportHtml } from "../../../shared/quality_report/html.ts";
import { readQualityReport } from "../../../shared/quality_report/read_report.ts";
import { connect } from "../../../shared/database.ts";
import { testDatabase } from "../../support/database.ts";
import { simulatedFleet, storeAsOf } from "../../support/simulated_fleet.ts";
import { at, badDay, DAY, MARKUP } from "./bad_day.ts";

Deno.test("a day's report says what the checks found, what arrived and what did not", async (t) => {
  await using db = await testDatabase();
  const { sql } = db;
  await badDay(sql);
  const report = await readQualityReport(sql, DAY);

  await t.step("the verdict is the worst of the checks' latest ones, and names them", () => {
    assert.equal(report.verdict.status, "fail");
    assert.match(report.verdict.reasons[0], /^Failed: completeness, .*range s2/);
    assert.equal(report.runs.count, 3);
    assert.deepEqual(report.runs.latest, {
      window_start: "2026-11-02T00:00:00Z",
      as_of: "2026-11-03T00:00:00Z",
    });
  });

  await t.step("the checks are those of quality_summary_between, with their evidence", async () => {
    const rows = await sql`
      select metric_name, column_name, status, runs_failed, evidence
      from quality_summary_between(${at(0)}, ${at(24)})`;
    assert.equal(report.checks.length, rows.length);
    const range = report.checks.find(({ column_name, metric_name }) =>
      metric_name === "range" && column_name === "s2"
    )!;
    assert.equal(range.status, "fail");
    assert.equal(range.runs_failed, 3);
    assert.deepEqual(
      range.evidence,
      rows.find(({ metric_name, column_name }) => metric_name === "range" && column_name === "s2")!.evidence,
    );
    assert.equal((range.evidence.failing as { engine: string }[])[0].engine, "SIM_08");
  });

  await t.step("readings add up, by door and together", async () => {
    const [batches] = await sql`
      select sum(received)::integer as received, sum(rejected)::integer as rejected, count(*)::integer as batches
      from batches where received_at >= ${at(0)} and received_at < ${at(24)}`;
    const { by_source, ...sum } = report.readings;
    assert.deepEqual(
      [sum.received, sum.rejected, sum.batches],
      [batches.received, batches.rejected, batches.batches],
    );
    assert.deepEqual([sum.duplicates, sum.rejected], [10, 4]);
    assert.equal(sum.accepted + sum.duplicates + sum.rejected, sum.received);
    assert.deepEqual(by_source, [{ source: "ingest", ...sum }]);
  });

  await t.step("completeness is of every active engine, the silent one among them, worst first", () => {
    assert.deepEqual(report.completeness.map(({ unit_number }) => unit_number).toSorted(), [
      ...Array.from({ length: 10 }, (_, i) => `SIM_${String(i + 1).padStart(2, "0")}`),
    ]);
    const [worst, second] = report.completeness;
    assert.deepEqual([worst.unit_number, worst.expected, worst.received, worst.missed, worst.gaps], [
      "SIM_05",
      24,
      5,
      19,
      1,
    ]);
    assert.equal(worst.value, 1 - 19 / 24);
    assert.deepEqual([second.unit_number, second.received, second.missed], ["SIM_07", 16, 8]);
    assert.equal(report.completeness.at(-1)!.value, 1);
  });

  await t.step("drift has the distance, q and the shift of each sensor", () => {
    const [drift] = report.drift;
    assert.deepEqual([drift.unit_number, drift.column_name], ["SIM_08", "s2"]);
    assert.ok(drift.ks_statistic > 0.2 && drift.q_value < 0.05 && drift.mean_shift! > 10);
  });

  await t.step("dead letters are grouped by reason, without the values", () => {
    const { count, open, groups } = report.dead_letters;
    assert.deepEqual([count, open], [4, 4]);
    assert.deepEqual(groups.map(({ path, count }) => [path, count]), [["s12", 3], ["engine_id", 1]]);
    assert.ok(groups.every(({ reason }) => !reason.includes("current value")));
  });

  await t.step("alerts that were opened are those that are open at its end", () => {
    assert.ok(report.alerts.events.length > 0);
    assert.deepEqual(
      report.alerts.open.map(({ subject }) => subject).toSorted(),
      report.alerts.events.filter(({ event }) => event === "opened").map(({ subject }) => subject).toSorted(),
    );
  });

  await t.step("what happens afterwards changes nothing of it", async () => {
    const before = JSON.stringify(report, null, 1);
    const again = async () => JSON.stringify(await readQualityReport(sql, DAY), null, 1);
    const next = simulatedFleet({ engines: 10, hours: 24, startMs: at(24).getTime(), seed: 4 });
    await storeAsOf(sql, [...next, { engine_id: "x y" }], at(47));
    await sql`update dead_letters set replayed_at = ${
      at(30)
    }, replay_batch_id = gen_random_uuid() where path = 's12'`;
    for (const hours of [30, 48]) await sql`select from run_checks('24 hours', ${at(hours)})`;
    await sql`select resolve_alert(id, 'somebody') from alerts where resolved_at is null`;
    assert.equal(await again(), before);
    assert.notDeepEqual((await readQualityReport(sql, "2026-11-03")).readings, report.readings);
    // nor do a session's own settings
    const session = connect(db.url, 1);
    await session`select set_config('timezone', 'Asia/Tokyo', false), set_config('extra_float_digits', '0', false)`;
    assert.equal(JSON.stringify(await readQualityReport(session, DAY), null, 1), before);
    await session.end();
  });

  await t.step("the page of it has its texts and none of their markup", () => {
    const page = qualityReportHtml(report);
    assert.match(page, /SIM_05/);
    assert.match(page, /2026-11-02/);
    assert.ok(!page.includes(MARKUP));
    assert.doesNotMatch(page, /<script/i);
  });
});

Deno.test("a day on which nothing happened is not evaluated, which is no pass", async () => {
  await using db = await testDatabase();
  const report = await readQualityReport(db.sql, "2020-01-01");
  assert.deepEqual(report.verdict, {
    status: "not_evaluated",
    reasons: ["No run of the checks was about this day"],
  });
  assert.ok(report.checks.length > 0 && report.checks.every(({ status }) => status === "not_evaluated"));
  assert.deepEqual(report.readings.received, 0);
  assert.match(qualityReportHtml(report), /Nothing arrived in this day/);
});

Deno.test("a run belongs to the day whose end it is about, and an object to the day it holds", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  for (const hours of [0, 24]) {
    await sql`
      insert into check_runs (window_start, as_of, finished_at) values (${at(hours - 24)}, ${at(hours)}, ${
      at(hours)
    })`;
  }
  for (const [i, kind] of ["sensor_data", "report"].entries()) {
    await sql`
      insert into lake_objects (key, kind, day, day_version, row_count, row_digest, bytes, sha256)
      values (${`k${i}`}, ${kind}, ${DAY}, 1, 5, 'x', 1, repeat('0', 64))`;
  }
  const report = await readQualityReport(sql, DAY);
  assert.equal(report.runs.count, 1);
  assert.equal(report.runs.latest!.as_of, "2026-11-03T00:00:00Z");
  // its own report would make it another one the next time
  assert.deepEqual(report.lake.map(({ key, row_count }) => [key, row_count]), [["k0", 5]]);
  assert.equal((await readQualityReport(sql, "2026-11-03")).lake.length, 0);
});
