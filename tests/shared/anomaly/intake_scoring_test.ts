/** Readings that are scored as they arrive, over real HTTP. */

import assert from "node:assert/strict";
import { IntakeScoring } from "../../../shared/anomaly/intake_scoring.ts";
import { storeBatch } from "../../../shared/intake.ts";
import { testDatabase } from "../../support/database.ts";
import { ingestServer } from "../../support/ingest_server.ts";
import { candidates } from "../../support/readings.ts";
import { abnormal, arrive, fleetWithModel, said, scoreAll } from "../../support/scored_fleet.ts";

const ORIGIN = { source: "ingest", reference: null } as const;
const ON = { score_at_intake: true, intake_budget: "5 seconds" };

Deno.test("readings are scored as they arrive once it is switched on; the pipeline then finds the same and changes nothing", async () => {
  await using server = await ingestServer();
  const { sql } = server.db;
  const { next: [first, second] } = await fleetWithModel(sql);
  await sql`update model_settings set ${sql(ON)}`;
  const { status, body } = await server.post(JSON.stringify([
    ...first.slice(0, 3).map((reading) => abnormal(reading)),
    second[0],
  ]));
  assert.deepEqual([status, body.accepted], [200, 4]);
  const atIntake = await said(sql);
  assert.deepEqual([atIntake.anomalies.length, atIntake.episodes.length], [3, 1]);
  // it is an alert at once, and traced to the batch that brought it
  const [alert] = await sql`select subject, state from alerts where kind = 'anomaly'`;
  assert.deepEqual({ ...alert }, { subject: "SIM_01", state: "open" });
  const runs = await sql`select distinct run_id from anomalies`;
  assert.deepEqual(runs.map(({ run_id }) => run_id), [body.batch_id]);

  await sql`select roll_up_readings()`;
  const { readings, anomalies, withdrawn } = await scoreAll(sql);
  assert.deepEqual([readings, anomalies, withdrawn], [4, 0, 0]);
  assert.deepEqual(await said(sql), atIntake);
});

Deno.test("it is off unless switched on, and asks for the settings once in a while and not for each batch", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  const { next: [first] } = await fleetWithModel(sql);
  const scoring = new IntakeScoring(sql);
  for (const reading of first.slice(0, 10)) {
    await storeBatch(sql, ORIGIN, candidates([abnormal(reading)]), { scoring });
  }
  assert.equal((await said(sql)).anomalies.length, 0);
  await sql`update model_settings set ${sql(ON)}`;
  await storeBatch(sql, ORIGIN, candidates([abnormal(first[10])]), { scoring });
  assert.equal((await said(sql)).anomalies.length, 0); // it still believes what it was told
  await storeBatch(sql, ORIGIN, candidates([abnormal(first[11])]), { scoring: new IntakeScoring(sql) });
  assert.equal((await said(sql)).anomalies.length, 1);
});

Deno.test("scoring that fails, has no model or runs out of time delays no answer beyond its budget and changes none", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  const { next: [first] } = await fleetWithModel(sql);
  const [{ id }] = await sql`select id from models`;
  const store = async (budget: string, hour: number) => {
    await sql`update model_settings set score_at_intake = true, intake_budget = ${budget}`;
    const started = performance.now();
    const { accepted } = await storeBatch(sql, ORIGIN, candidates([abnormal(first[hour])]), {
      scoring: new IntakeScoring(sql),
    });
    assert.equal(accepted, 1);
    return performance.now() - started;
  };
  // somebody else writes anomalies, and does not end
  const holder = await sql.reserve();
  await holder`select pg_advisory_lock(hashtext('public.anomalies'))`;
  const took = await store("300 milliseconds", 0);
  assert.ok(took >= 250, `it has waited ${took} ms`); // the control: it was there that it waited
  await holder`select pg_advisory_unlock(hashtext('public.anomalies'))`;
  holder.release();
  // what was given up writes nothing later
  for (let busy = true; busy;) {
    [{ busy }] = await sql`select exists (select from pg_locks where locktype = 'advisory' and database = (
      select oid from pg_database where datname = current_database()
    )) as busy`;
  }
  assert.equal((await said(sql)).anomalies.length, 0);

  await sql`update models set content = '{}' where id = ${id}`;
  await store("5 seconds", 1);
  await sql`update models set active = false`;
  await store("5 seconds", 2);
  assert.equal((await said(sql)).anomalies.length, 0);
  assert.equal(
    (await sql`select from sensor_data where "timestamp" >= ${first[0].timestamp}`).length >= 3,
    true,
  );
});

Deno.test("an engine whose baseline is being learned is left to the pipeline", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  const { next: [first, second] } = await fleetWithModel(sql);
  await sql`update model_settings set ${sql(ON)}`;
  const learner = await sql.reserve();
  await learner`begin`;
  await learner`delete from engine_baselines where engine_id = (select id from engines where unit_number = 'SIM_01')`;
  await storeBatch(sql, ORIGIN, candidates([abnormal(first[0]), abnormal(second[0])]), {
    scoring: new IntakeScoring(sql),
  });
  await learner`rollback`;
  learner.release();
  const units = async () =>
    (await said(sql)).anomalies.map((row) => (row as { unit_number: string }).unit_number);
  assert.deepEqual(await units(), ["SIM_02"]);
  await arrive(sql, []);
  await scoreAll(sql);
  assert.deepEqual(await units(), ["SIM_01", "SIM_02"]);
});

Deno.test("what a batch of anomalies has no time for is the worker's, and what was scored before stays", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  const { next: [first, second, third] } = await fleetWithModel(sql);
  // the second piece is slow to write
  await sql.unsafe(`
    create function slow() returns trigger language plpgsql as $$
    begin
      if (select count(*) from public.anomalies) >= 50 then perform pg_catalog.pg_sleep(60); end if;
      return new;
    end $$;
    create trigger slow before insert on anomalies for each row execute function slow();`);
  await sql`update model_settings set score_at_intake = true, intake_budget = '2 seconds'`;
  const readings = [first, second, third].flatMap((hours) =>
    hours.slice(0, 24).map((each) => abnormal(each))
  );
  const { accepted } = await storeBatch(sql, ORIGIN, candidates(readings), {
    scoring: new IntakeScoring(sql),
  });
  assert.equal(accepted, 72);
  assert.equal((await said(sql)).anomalies.length, 50);
  await sql`drop trigger slow on anomalies`;
  await arrive(sql, []);
  await scoreAll(sql);
  assert.equal((await said(sql)).anomalies.length, 72);
});
