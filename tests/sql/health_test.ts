/** What health says beside the checks: trend of wear, anomalies, predicted life, where to look first; and of fleets. */

import assert from "node:assert/strict";
import type postgres from "postgres";
import { hasPostgres15, type TestDatabase, testDatabase } from "../support/database.ts";
import { wornFleet } from "../support/worn_fleet.ts";

async function health(sql: postgres.Sql): Promise<Record<string, postgres.Row>> {
  const rows = await sql`select * from engine_health`;
  return Object.fromEntries(rows.map((row) => [row.unit_number, row]));
}

for (const version of [17, 15] as const) {
  const test = (name: string, fn: (db: TestDatabase) => Promise<void>) =>
    Deno.test({
      name: `${name} (Postgres ${version})`,
      ignore: version === 15 && !hasPostgres15,
      async fn() {
        await using db = await testDatabase({ version });
        await wornFleet(db.sql);
        await fn(db);
      },
    });

  test("the trend of wear is against the latest report of fifty cycles before, and unknown without one", async ({ sql }) => {
    const { DRIFTS, WORN } = await health(sql);
    assert.deepEqual([DRIFTS.earlier_wear, DRIFTS.earlier_cycle, DRIFTS.wear_trend], [0.2, 50, "rising"]);
    assert.ok(Math.abs(DRIFTS.wear_per_100_cycles - 0.6) < 1e-12);
    assert.deepEqual([WORN.earlier_wear, WORN.wear_trend, WORN.wear_per_100_cycles], [null, null, null]);
    const trend = async (earlier: number) => {
      await sql`update engine_health_reports set wear = ${earlier} where last_cycle = 50`;
      return (await health(sql)).DRIFTS.wear_trend;
    };
    assert.deepEqual(
      [await trend(0.44), await trend(0.46), await trend(0.54), await trend(0.56)],
      ["rising", "steady", "steady", "falling"],
    );
  });

  test("anomalies whose readings have gone to the lake are not recent ones", async ({ sql }) => {
    assert.equal((await health(sql)).STRANGE.recent_anomalies, 2);
    await sql`delete from sensor_data where cycle <= 98 and engine_id = (select id from engines where unit_number = 'STRANGE')`;
    assert.equal((await health(sql)).STRANGE.recent_anomalies, 1);
    await sql`delete from sensor_data where engine_id = (select id from engines where unit_number = 'STRANGE')`;
    assert.equal((await health(sql)).STRANGE.recent_anomalies, 0);
  });

  test("the open episode of an engine is found without its history of those that are over", async ({ sql }) => {
    await sql`
      insert into anomaly_episodes (engine_id, detector, started_at, ended_at, first_cycle, last_cycle, readings,
        severe_readings, peak_score, peak_threshold, peak_at, sensors, severity, open, detected_at)
      select id, 'mean_abs_z', at, at, n, n, 1, 0, 3, 2, at, '{}', 'warning', false, at
      from engines
      cross join generate_series(1, 2000) as n
      cross join lateral (select timestamptz '2020-01-01' + n * interval '1 hour' as at) as moment`;
    await sql`analyze anomaly_episodes`;
    const lines = await sql`explain select * from engine_health`;
    const plan = lines.map((line) => line["QUERY PLAN"]).join("\n");
    assert.match(plan, /anomaly_episodes_open/);
    assert.doesNotMatch(plan, /anomaly_episodes_by_end/);
  });

  test("an open episode of the detector that decides makes a warning or a failure of an active engine, and recent anomalies are counted", async ({ sql }) => {
    let { STRANGE, CALM, GONE } = await health(sql);
    assert.deepEqual([STRANGE.health, STRANGE.recent_anomalies, STRANGE.anomaly_severity], [
      "warning",
      2,
      "warning",
    ]);
    assert.deepEqual(STRANGE.reasons, ["2 anomalies since 2026-01-01 00:00 UTC"]);
    assert.deepEqual([CALM.health, CALM.recent_anomalies, CALM.anomalous_since], ["ok", 0, null]);
    assert.deepEqual([GONE.health, GONE.reasons], ["ok", ["its status is failed"]]);
    await sql`update anomaly_episodes set severity = 'fail'`;
    assert.equal((await health(sql)).STRANGE.health, "fail");
    await sql`update anomaly_episodes set open = false`;
    assert.equal((await health(sql)).STRANGE.health, "ok");
    await sql`update model_settings set anomaly_detector = 'isolation_forest'`;
    await sql`update anomaly_episodes set open = true`;
    ({ STRANGE, CALM } = await health(sql));
    assert.deepEqual([STRANGE.recent_anomalies, STRANGE.anomalous_since], [0, null]);
    assert.deepEqual([CALM.health, CALM.recent_anomalies], ["fail", 1]);
  });

  test("where to look first: drift before anomalies before wear, by module, strongest first", async ({ sql }) => {
    const { DRIFTS, STRANGE, CALM, GONE } = await health(sql);
    assert.deepEqual(DRIFTS.inspect_first, [
      { module: "HPC", sensors: ["s11"], why: "s11 has moved by 5.0 baseline SD beyond what wear explains" },
      { module: "LPC", sensors: ["s2"], why: "s2 has moved by 1.5 baseline SD beyond what wear explains" },
      { module: "LPT", sensors: ["s4"], why: "s4 has moved by 2.9 baseline SD with wear" },
    ]);
    assert.deepEqual(STRANGE.inspect_first, [
      { module: "combustor", sensors: ["s12"], why: "s12 makes 60 % of the last anomalies" },
      { module: "HPT", sensors: ["s20"], why: "s20 makes 30 % of the last anomalies" },
      // s7 makes a tenth less a bit, and s8 next to nothing
    ]);
    assert.deepEqual([CALM.inspect_first, GONE.inspect_first], [[], []]);
    // an operator knows better
    await sql`insert into sensor_modules values ('s12', 'fan', 'as we have it')`;
    assert.deepEqual(
      (await health(sql)).STRANGE.inspect_first.map(({ module }: { module: string }) => module),
      [
        "combustor",
        "fan",
        "HPT",
      ],
    );
  });

  test("the predicted life is that of the model to go by, with its interval", async ({ sql }) => {
    const { WORN, STRANGE } = await health(sql);
    assert.deepEqual(
      [WORN.predicted_rul, WORN.lower_bound, WORN.upper_bound, WORN.predicted_at_cycle, WORN.predicted_by],
      [40, 30, 50, 95, "own 2026-01"],
    );
    assert.equal(STRANGE.predicted_rul, null);
    await sql`
      insert into rul_predictions (engine_id, cycle, predicted_rul, model_name, model_version)
      select id, 100, 7, 'other', '1' from engines where unit_number = 'WORN'`;
    await sql`update model_settings set rul_model = 'other'`;
    assert.deepEqual((await health(sql)).WORN.predicted_rul, 7);
  });

  test("a report keeps what health says then, so that trends have a past", async ({ sql }) => {
    await sql`select report_engine_health(now())`;
    const rows = await sql`
      select unit_number, health, last_cycle, recent_anomalies, anomalous_since, predicted_rul, lower_bound, upper_bound, wear
      from engine_health_reports join engines on engines.id = engine_id
      where as_of > now() - interval '1 minute' order by unit_number`;
    assert.deepEqual(rows.map(({ unit_number }) => unit_number), [
      "CALM",
      "DRIFTS",
      "GONE",
      "STRANGE",
      "WORN",
    ]);
    const [, drifts, , strange, worn] = rows;
    assert.deepEqual([drifts.wear, drifts.last_cycle, drifts.health], [0.5, 100, "warning"]);
    assert.deepEqual([strange.recent_anomalies, strange.anomalous_since], [
      2,
      new Date("2026-01-01T00:00:00Z"),
    ]);
    assert.deepEqual([worn.predicted_rul, worn.lower_bound, worn.upper_bound], [40, 30, 50]);
  });

  test("a fleet has its engines by status and health, and first those with the least life left or in trouble", async ({ sql }) => {
    const [fleet, ...more] = await sql`select * from fleet_health`;
    assert.deepEqual(more, []);
    const { look_at_first, ...counted } = fleet;
    assert.deepEqual({ ...counted }, {
      dataset: "SIM",
      cohort: "A",
      engines: "5",
      active: "4",
      retired: "0",
      failed: "1",
      healthy: "2",
      warning: "2",
      failing: "0",
      unknown: "0",
      anomalous: "1",
      anomalous_share: 0.25,
      mean_wear: 0.5,
      wear_rising: "1",
      predicted: "2",
      mean_predicted_rul: 80,
      least_predicted_rul: 40,
    });
    // 30 cycles at the lower end, less the five flown since; then anomalies; then drift
    assert.deepEqual(
      look_at_first.map((
        row: Record<string, unknown>,
      ) => [row.unit_number, row.least_cycles_left, row.modules]),
      [["WORN", 25, []], ["STRANGE", null, ["combustor", "HPT"]], ["DRIFTS", null, ["HPC", "LPC", "LPT"]]],
    );
    await sql`update engines set cohort = 'B' where unit_number = 'STRANGE'`;
    assert.deepEqual(
      (await sql`select cohort, anomalous_share from fleet_health order by cohort`).map((row) => ({
        ...row,
      })),
      [{ cohort: "A", anomalous_share: 0 }, { cohort: "B", anomalous_share: 1 }],
    );
  });
}
