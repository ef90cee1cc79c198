/** When models are to be trained again: each criterion on both sides of its threshold, and who is to be called. */

import assert from "node:assert/strict";
import type postgres from "postgres";
import { hasPostgres15, type TestDatabase, testDatabase } from "../support/database.ts";
import { recordRun } from "../support/quality.ts";

const NOW = new Date();
const hoursAgo = (hours: number) => new Date(NOW.getTime() - hours * 3_600_000);

interface Judged {
  readonly criterion: string;
  readonly verdict: string;
  readonly value: number | null;
  readonly threshold: number;
  readonly reason: string | null;
  // deno-lint-ignore no-explicit-any
  readonly details: any;
}

async function judge(sql: postgres.Sql): Promise<Record<string, Judged>> {
  const rows = await sql<Judged[]>`select * from retraining_criteria(${NOW})`;
  return Object.fromEntries(rows.map((row) => [row.criterion, row]));
}

async function check(sql: postgres.Sql, asOf = NOW) {
  const [{ decision }] = await sql`select check_retraining(${asOf}) as decision`;
  return decision;
}

/** Verdicts of a run an hour ago: so many of 100 judged engines drift. */
async function drifting(sql: postgres.Sql, engines: number, judged = 100): Promise<void> {
  await recordRun(sql, 1, [{
    metric: "drift",
    evidence: { engines: judged + 7, not_evaluated_engines: 7, failing_count: engines },
  }]);
}

async function model(
  sql: postgres.Sql,
  name: string,
  version: number,
  daysAgo: number,
  active = true,
): Promise<void> {
  await sql`update models set active = false where name = ${name} and ${active}`;
  await sql`
    insert into models (purpose, name, version, dataset, active, features, trained_from, trained_until, engines, readings,
      seed, settings, metrics, content, code_version, trained_at)
    values ('rul', ${name}, ${version}, ${name}, ${active}, '{s2}', now(), now(), 1, 1, 1, '{}', '{}', '{}', '0',
      ${hoursAgo(daysAgo * 24)})`;
}

/** Engines that end after 200 cycles, with three predictions each that are so far off; of so many engines the intervals hold. */
async function predictions(
  sql: postgres.Sql,
  options: {
    readonly name?: string;
    readonly version?: string;
    readonly engines?: number;
    readonly missBy?: number;
    readonly held?: number;
    readonly daysAgo?: number;
    readonly status?: string;
  },
): Promise<void> {
  const { name = "rul", version = "1", engines = 20, missBy = 0, held = 1, daysAgo = 1, status = "failed" } =
    options;
  await sql`
    insert into engines (unit_number, status, life_cycles, rul_cap)
    select ${status} || '_' || n, ${status}, 200, 125 from generate_series(1, ${engines}::integer) as n
    on conflict do nothing`;
  await sql`
    insert into rul_predictions (engine_id, cycle, predicted_rul, lower_bound, upper_bound, interval_level, model_name,
      model_version, predicted_at)
    select
      engines.id, cycle, 200 - cycle + ${missBy},
      case when n <= ${held * engines} then 0 else 200 - cycle + ${missBy} end,
      case when n <= ${held * engines} then 1000 else 200 - cycle + ${missBy} end,
      0.8, ${name}, ${version}, ${hoursAgo(daysAgo * 24)}
    from generate_series(1, ${engines}::integer) as n
    join engines on engines.unit_number = ${status} || '_' || n
    cross join unnest(array[100, 120, 140]) as cycle`;
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

  test("with nothing to judge by, no criterion passes, each says why, and nothing is to be trained", async ({ sql }) => {
    const judged = await judge(sql);
    assert.deepEqual(Object.keys(judged), [
      "drift",
      "fleet_drift",
      "prediction_error",
      "interval_coverage",
      "model_age",
    ]);
    for (const { verdict, value, reason } of Object.values(judged)) {
      assert.deepEqual([verdict, value], ["not_evaluated", null]);
      assert.ok(reason);
    }
    assert.match(judged.model_age.reason!, /no model has been trained here/);
    const decision = await check(sql);
    assert.deepEqual([decision.retrain, decision.reasons, decision.hook_state], [false, [], "not_needed"]);
    assert.equal(decision.evidence.drift.verdict, "not_evaluated");
  });

  test("each criterion fails beyond its threshold of model_settings, and passes at it", async ({ sql }) => {
    await drifting(sql, 20);
    await model(sql, "rul", 1, 180);
    await predictions(sql, { missBy: 20, held: 0.65 });
    for (const { criterion, verdict } of Object.values(await judge(sql))) {
      assert.equal(verdict, criterion === "fleet_drift" ? "not_evaluated" : "pass", criterion);
    }
    const fails = async (change: string) => {
      await sql.unsafe(`update model_settings set ${change}`);
      const failing = Object.values(await judge(sql)).filter(({ verdict }) => verdict === "fail");
      await sql`update model_settings set most_drifting_share = default, most_prediction_rmse = default,
        least_coverage = default, oldest_model = default`;
      return failing.map(({ criterion }) => criterion);
    };
    assert.deepEqual(await fails("most_drifting_share = 0.19"), ["drift"]);
    assert.deepEqual(await fails("most_prediction_rmse = 19.99"), ["prediction_error"]);
    assert.deepEqual(await fails("least_coverage = 0.82"), ["interval_coverage"]);
    assert.deepEqual(await fails("oldest_model = '179 days'"), ["model_age"]);
    await recordRun(sql, 2, [{ metric: "fleet_drift", status: "fail", value: 2, max: 0 }]);
    await drifting(sql, 21);
    const decision = await check(sql);
    assert.deepEqual(decision.reasons, ["21 of 100 engines drift", "cohorts of the fleet differ"]);
    const { details, ...drift } = decision.evidence.drift;
    assert.deepEqual(drift, { verdict: "fail", value: 0.21, threshold: 0.2 });
    assert.deepEqual([details.judged_engines, details.drifting_engines], [100, 21]);
  });

  test("too few engines or predictions are not judged, and neither is a run of yesterday", async ({ sql }) => {
    await drifting(sql, 4, 4);
    await predictions(sql, { engines: 9, missBy: 60, held: 0 });
    let judged = await judge(sql);
    assert.match(judged.drift.reason!, /4 engines are judged, and 5 must be/);
    assert.deepEqual([judged.prediction_error.verdict, judged.prediction_error.details.predictions], [
      "not_evaluated",
      27,
    ]);
    await sql`update model_settings set least_predictions = 27`;
    judged = await judge(sql);
    assert.equal(judged.prediction_error.verdict, "fail");
    assert.equal(judged.interval_coverage.verdict, "not_evaluated"); // nine engines
    await sql`delete from check_runs`;
    await recordRun(sql, 25, [{ metric: "drift", evidence: { engines: 100, failing_count: 100 } }]);
    assert.equal((await judge(sql)).drift.verdict, "not_evaluated");
  });

  test("only versions in use, engines that have failed and the last 90 days count", async ({ sql }) => {
    await model(sql, "rul", 1, 30);
    await predictions(sql, { missBy: 60, held: 0 });
    assert.equal((await judge(sql)).prediction_error.verdict, "fail");
    await model(sql, "rul", 2, 10);
    assert.equal((await judge(sql)).prediction_error.verdict, "not_evaluated");
    await predictions(sql, { version: "2", missBy: 3 });
    const { verdict, value } = (await judge(sql)).prediction_error;
    assert.deepEqual([verdict, value], ["pass", 3]);
    // a model of somebody's own is judged by the version that came last
    await predictions(sql, { name: "own", missBy: 60, daysAgo: 3 });
    assert.equal((await judge(sql)).prediction_error.value, 60);
    await predictions(sql, { name: "own", version: "2", missBy: 4, daysAgo: 2 });
    assert.equal((await judge(sql)).prediction_error.value, 4);
    await predictions(sql, { name: "old", missBy: 60, daysAgo: 91 });
    await predictions(sql, { name: "alive", missBy: 60, status: "active" });
    assert.equal((await judge(sql)).prediction_error.value, 4);
  });

  test("a decision is due once: the same reasons call again after retrain_again_after, a new model, or a refusal", async ({ sql }) => {
    const states = async () =>
      (await sql`select hook_state from retraining_decisions order by as_of desc`).map(({ hook_state }) =>
        hook_state
      );
    await drifting(sql, 50);
    assert.equal((await check(sql, hoursAgo(0.5))).hook_state, "due");
    const second = await check(sql, hoursAgo(0.4));
    assert.deepEqual(second.hook_state, "not_needed");
    assert.match(second.hook_note, /for the same reasons, is still to be made/);

    const called = (at: Date) =>
      sql`
      update retraining_decisions set hook_state = 'called', hook_attempts = 1, hook_called_at = ${at}
      where hook_state = 'due'`;
    await called(hoursAgo(0.4));
    const third = await check(sql, hoursAgo(0.3));
    assert.match(
      third.hook_note,
      /^it was called for the same reasons at .* UTC, and no model has come since$/,
    );
    // a reason that the call did not have
    await sql`update model_settings set oldest_model = '1 day'`;
    await model(sql, "rul", 1, 2);
    assert.equal((await check(sql, hoursAgo(0.25))).hook_state, "due");
    await called(hoursAgo(0.25));
    // fewer reasons than the call had
    await sql`update model_settings set oldest_model = '10 days'`;
    assert.equal((await check(sql, hoursAgo(0.2))).hook_state, "not_needed");
    await sql`update model_settings set retrain_again_after = '1 minute'`;
    assert.equal((await check(sql, hoursAgo(0.19))).hook_state, "due");
    await called(hoursAgo(0.19));
    await sql`update model_settings set retrain_again_after = default`;
    // a model that somebody else has trained, then one that was trained here
    await predictions(sql, { name: "own", daysAgo: 0.15 / 24 });
    assert.equal((await check(sql, hoursAgo(0.14))).hook_state, "due");
    await called(hoursAgo(0.14));
    assert.equal((await check(sql, hoursAgo(0.13))).hook_state, "not_needed");
    await model(sql, "rul", 2, 0.12 / 24);
    assert.equal((await check(sql, hoursAgo(0.11))).hook_state, "due");
    await sql`update retraining_decisions set hook_state = 'dead', hook_attempts = 8, hook_error = 'x' where hook_state = 'due'`;
    assert.equal((await check(sql, hoursAgo(0.1))).hook_state, "due");
    assert.deepEqual((await states()).slice(0, 2), ["due", "dead"]);
  });

  test("a later no takes back a call that waits, and a later yes takes its place, but not one that is under way", async ({ sql }) => {
    const decided = async (asOf: Date) => {
      const [row] =
        await sql`select hook_state, hook_note, hook_lease from retraining_decisions where as_of = ${asOf}`;
      return { ...row };
    };
    await drifting(sql, 50);
    await check(sql, hoursAgo(0.5));
    await recordRun(sql, 2, [{ metric: "fleet_drift", status: "fail", value: 2, max: 0 }]);
    assert.equal((await check(sql, hoursAgo(0.3))).hook_state, "due");
    assert.deepEqual(await decided(hoursAgo(0.5)), {
      hook_state: "not_needed",
      hook_note: "a newer decision takes its place",
      hook_lease: null,
    });
    await sql`
      update retraining_decisions
      set hook_attempts = 1, hook_lease = gen_random_uuid(), hook_leased_until = now() + interval '1 minute'
      where as_of = ${hoursAgo(0.3)}`;
    await sql`delete from check_runs`;
    assert.equal((await check(sql, hoursAgo(0.2))).retrain, false);
    assert.equal((await decided(hoursAgo(0.3))).hook_state, "due");
    await sql`update retraining_decisions set hook_leased_until = now() where hook_lease is not null`;
    await check(sql, hoursAgo(0.1));
    assert.deepEqual(await decided(hoursAgo(0.3)), {
      hook_state: "not_needed",
      hook_note: "a newer decision says that it is not needed any more",
      hook_lease: null,
    });
  });

  test("the same moment again replaces its decision until somebody has been called", async ({ sql }) => {
    await drifting(sql, 50);
    assert.equal((await check(sql)).retrain, true);
    await sql`delete from check_runs`;
    assert.equal((await check(sql)).hook_state, "not_needed");
    await drifting(sql, 60);
    assert.equal((await check(sql)).hook_state, "due");
    await sql`update retraining_decisions set hook_attempts = 1`;
    await sql`delete from check_runs`;
    const kept = await check(sql);
    assert.deepEqual(kept.reasons, ["60 of 100 engines drift"]);
    assert.equal((await sql`select from retraining_decisions`).length, 1);
  });

  test("decisions about the past, or made after a later one, call nobody", async ({ sql }) => {
    await recordRun(sql, 30, [{ metric: "drift", evidence: { engines: 100, failing_count: 50 } }]);
    const past = await check(sql, hoursAgo(25));
    assert.deepEqual([past.retrain, past.hook_state], [true, "not_needed"]);
    assert.match(past.hook_note, /more than a day ago/);
    await drifting(sql, 50);
    await check(sql, hoursAgo(0.1));
    assert.match((await check(sql, hoursAgo(0.5))).hook_note, /later moment/);
  });
}
