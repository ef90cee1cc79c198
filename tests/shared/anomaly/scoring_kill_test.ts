/** A scorer, or Postgres, that is killed while it scores: nothing is lost, and nothing is said twice. */

import assert from "node:assert/strict";
import { join } from "node:path";
import type postgres from "postgres";
import { anomalyModels, scoreReadings } from "../../../shared/anomaly/score_readings.ts";
import { connect } from "../../../shared/database.ts";
import { testDatabase } from "../../support/database.ts";
import { KillablePostgres } from "../../support/killable_postgres.ts";
import { abnormal, arrive, fleetWithModel, said, scoreAll } from "../../support/scored_fleet.ts";

const PROCESS = join(import.meta.dirname!, "../../support/score_process.ts");

/** All that one scoring leaves behind. */
async function left(sql: postgres.Sql) {
  const [counts] = await sql`
    select
      (select count(*) from unscored_readings)::integer as waiting,
      (select count(*) from anomalies)::integer as anomalies,
      (select count(*) from anomaly_episodes)::integer as episodes,
      (select count(*) from alerts)::integer as alerts,
      (select count(*) from lineage_events where run_id in (select run_id from anomalies))::integer as events`;
  return { ...counts };
}

const BEFORE = { waiting: 2, anomalies: 0, episodes: 0, alerts: 0, events: 0 };
const AFTER = { waiting: 0, anomalies: 8, episodes: 2, alerts: 2, events: 2 };

Deno.test("a scorer that is killed at any of its steps has done all of it or nothing, and the next one does it", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  const { next } = await fleetWithModel(sql, 2);
  const readings = next.flatMap((engine) => engine.slice(0, 4).map((reading) => abnormal(reading)));
  await arrive(sql, readings);
  let expected: unknown;
  let killed = 0;
  for (let step = 1, ended = false; !ended; step++) {
    assert.deepEqual(await left(sql), BEFORE);
    const { success, signal, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "-A", PROCESS, db.url, String(step)],
      stderr: "piped",
    }).output();
    assert.ok(success || signal === "SIGKILL", new TextDecoder().decode(stderr));
    ended = success;
    if (!success) killed++;
    // its session may be at the last query that it was sent
    for (let active = true; active;) {
      [{ active }] = await sql`
        select exists (
          select from pg_stat_activity
          where datname = current_database() and backend_type = 'client backend' and xact_start is not null
            and pid <> pg_backend_pid()
        ) as active`;
    }
    const found = await left(sql);
    assert.deepEqual(found, found.waiting === 0 ? AFTER : BEFORE, `step ${step}`);
    await scoreAll(sql);
    assert.deepEqual(await left(sql), AFTER);
    expected ??= await said(sql);
    assert.deepEqual(await said(sql), expected);

    await sql`truncate anomalies, anomaly_episodes, alerts, lineage_events cascade`;
    await sql`
      select note_unscored_readings(array_agg(id), array_agg(tstzrange(${
      readings[0].timestamp
    }, null))) from engines`;
  }
  assert.ok(killed >= 8, `it was killed ${killed} times`);
});

Deno.test("Postgres that is killed while readings are scored leaves them to be scored", async () => {
  await using server = await KillablePostgres.start();
  const before = connect(server.url, 4);
  const { next } = await fleetWithModel(before, 2);
  await arrive(before, next.flatMap((engine) => engine.slice(0, 4).map((reading) => abnormal(reading))));
  const holder = connect(server.url, 1);
  await holder`select pg_advisory_lock(hashtext('public.anomalies'))`;
  const scoring = assert.rejects(scoreReadings(before, anomalyModels(), 1000));
  for (let waits = false; !waits;) {
    [{ waits }] =
      await holder`select exists (select from pg_locks where locktype = 'advisory' and not granted) as waits`;
  }
  await server.killAll();
  await scoring;
  await Promise.all([before, holder].map((sql) => sql.end({ timeout: 0 })));

  const sql = connect(server.url, 2);
  assert.deepEqual(await left(sql), BEFORE);
  await scoreAll(sql);
  assert.deepEqual(await left(sql), AFTER);
  await sql.end({ timeout: 1 });
});
