import assert from "node:assert/strict";
import { join } from "node:path";
import type postgres from "postgres";
import { storeBatch } from "../../shared/intake.ts";
import { VERSION } from "../../shared/version.ts";
import { hasPostgres15, testDatabase } from "../support/database.ts";
import { candidates, reading } from "../support/readings.ts";

const FOLDER = join(import.meta.dirname!, "..", "..", "supabase", "snippets");
const HOUR_MS = 3_600_000;

async function snippets(): Promise<string[]> {
  const names = [];
  for await (const { name } of Deno.readDir(FOLDER)) names.push(name);
  return names.sort();
}

async function rows(sql: postgres.Sql, name: string): Promise<postgres.Row[]> {
  return await sql.unsafe(await Deno.readTextFile(join(FOLDER, name)));
}

/** ENGINE_001 sends every hour, but nothing in its last five, and one reading that no range allows. */
async function trouble(sql: postgres.Sql): Promise<void> {
  const readings = Array.from({ length: 60 }, (_, i) =>
    reading({
      cycle: i + 1,
      timestamp: new Date(Date.now() - (65 - i) * HOUR_MS).toISOString(),
      s2: i === 55 ? 12 : 642,
    }));
  await storeBatch(
    sql,
    { source: "ingest", reference: null },
    candidates([...readings, { engine_id: 5 }, { engine_id: 6 }]),
  );
  for (const digest of ["a", "b"]) {
    const receipt = { stream: "arn", requestId: "the same", digest };
    await storeBatch(sql, { source: "kinesis", reference: null }, candidates(readings), { receipt });
  }
  const stream = "arn:aws:kinesis:us-east-1:000000000000:stream/readings";
  await sql`
    insert into public.stream_readers (stream, owner, held_by, leased_until)
    values (${stream}, gen_random_uuid(), 'host, process 7', now())`;
  for (const [shard, ago] of [["shardId-000000000000", "1 s"], ["shardId-000000000001", "1 hour"]]) {
    await sql`
      insert into public.stream_checkpoints
        (stream, stream_created_at, shard_id, begin_at, sequence_number, deliveries, complete_until)
      values (${stream}, now(), ${shard}, 'trim_horizon', '1', 1, now() - ${ago}::text::interval)`;
  }
  await sql`
    update public.expectations set description = 'as agreed' where kind = 'range' and column_name = 's2' and dataset is null`;
  await sql`select from public.run_checks('24 hours')`;
  await sql`
    insert into public.sensor_drift (
      engine_id, column_name, verdict, ks_statistic, p_value, q_value, baseline_readings, window_readings, as_of
    )
    select id, 's11', 'drift', 0.5, 0.01, 0.02, 100, 100, now() from public.engines
    on conflict (engine_id, column_name) do update set verdict = 'drift', ks_statistic = 0.5, p_value = 0, q_value = 0`;
  await sql`
    insert into public.rul_predictions (engine_id, cycle, predicted_rul, lower_bound, upper_bound, interval_level, model_name, model_version)
    select id, 50, 40, 30, 50, 0.8, 'own', '1' from public.engines`;
  await sql`
    insert into public.models (purpose, name, version, features, trained_from, trained_until, engines, readings, seed, settings,
      metrics, content, code_version, trained_at)
    values ('rul', 'rul', 1, '{s2}', now(), now(), 1, 1, 1, '{}', '{}', '{}', '0', now() - interval '200 days')`;
  await sql`select public.check_retraining()`;
  await sql`
    insert into public.retired_months (month, refused_since, refusal)
    values ('2017-01-01', now() - interval '2 days', '2017-01-05 is not in the lake')`;
}

Deno.test({
  name: "every snippet runs, on Postgres 15 too, whether there is something to show or not",
  ignore: !hasPostgres15,
  async fn() {
    for (const version of [15, 17] as const) {
      await using db = await testDatabase({ version });
      for (const name of await snippets()) await rows(db.sql, name);
    }
  },
});

Deno.test("every snippet shows what it says it shows", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  await trouble(sql);
  const shown: Record<string, postgres.Row[]> = {};
  for (const name of await snippets()) shown[name.replace(/\.sql$/, "")] = await rows(sql, name);

  const failed = shown.what_failed_today;
  assert.ok(failed.length > 0);
  assert.equal(failed[0].status, "fail");
  assert.ok(
    failed.some((row) => row.check === "range s2" && /"value": "12"/.test(row.why)),
    JSON.stringify(failed),
  );
  assert.deepEqual(failed.filter((row) => row.status === "pass" || row.why === null), []);

  assert.deepEqual(shown.engines_in_trouble.map((row) => [row.unit_number, row.health]), [[
    "ENGINE_001",
    "fail",
  ]]);
  assert.match(shown.engines_in_trouble[0].reasons, /drifting: s11.*range s2 fail/);

  const [gap] = shown.silent_engines;
  assert.deepEqual([gap.unit_number, gap.readings_missed, gap.first_reading_after], ["ENGINE_001", 5, null]);

  assert.deepEqual(shown.sensors_drifting.map((row) => [row.unit_number, row.sensor]), [[
    "ENGINE_001",
    "s11",
  ]]);

  assert.equal(shown.history_of_a_check.length, 1);
  assert.equal(shown.history_of_a_check[0].status, "fail");

  const rules = shown.rule_behind_a_failure.filter((row) => row.check === "range s2");
  assert.ok(
    rules.some((row) => row.operation === "update" && row.before !== null && row.changed_by),
    JSON.stringify(rules),
  );
  assert.ok(shown.rule_behind_a_failure.some((row) => row.check === "completeness" && row.min === 0.98));

  assert.deepEqual(shown.dead_letters_by_reason.map((row) => [row.source, row.dead_letters]), [[
    "ingest",
    "2",
  ]]);
  assert.deepEqual(
    shown.request_ids_with_other_content.map((row) => [row.request_id, row.digest, row.duplicates]),
    [["the same", "a", 60], ["the same", "b", 60]],
  );
  assert.deepEqual(
    shown.stream_progress.map((row) => [row.stream, Number(row.shard_id.slice(-12)), row.held_by]),
    [["readings", 1, "host, process 7"], ["readings", 0, "host, process 7"]],
  );
  const yesterday = new Date(Date.now() - 24 * HOUR_MS).toISOString().slice(0, 10);
  assert.ok(
    shown.days_not_in_the_lake.some((row) =>
      row.day.toISOString().startsWith(yesterday) && row.why === "never written"
    ),
    JSON.stringify(shown.days_not_in_the_lake),
  );
  const [latest] = shown.where_readings_come_from;
  assert.deepEqual([latest.cycle, latest.source, latest.code_version, latest.lake_object], [
    60,
    "ingest",
    VERSION,
    null,
  ]);
  const [act] = shown.who_changed_what.filter((row) => row.action === "expectation.update");
  assert.match(JSON.stringify(act), /as agreed/);
  assert.deepEqual(shown.months_leaving_postgres.map((row) => row.refusal), [
    "2017-01-05 is not in the lake",
  ]);
  assert.deepEqual(
    shown.engines_closest_to_failure.map((row) => [row.unit_number, row.lower_bound, row.cycles_flown_since]),
    [["ENGINE_001", 30, 10]],
  );
  assert.match(shown.engines_closest_to_failure[0].look_at_first, /^HPC: s11/);
  const decision = shown.latest_retraining_decision.map((row) =>
    [row.criterion, row.verdict, row.hook_state].join(" ")
  );
  assert.deepEqual(decision.slice(0, 2), ["model_age fail due", "drift not_evaluated due"]);
  assert.equal(decision.length, 5);
  assert.ok(shown.partitions.some((row) => row.state === "present"));
  assert.ok(shown.pipeline_status.length > 0);
  assert.ok(shown.open_alerts.some((row) => row.subject === "ENGINE_001" && row.severity === "fail"));

  assert.deepEqual(Object.keys(shown).filter((name) => shown[name].length === 0), []);
});
