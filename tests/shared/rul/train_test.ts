import assert from "node:assert/strict";
import type postgres from "postgres";
import { TooLittleToTrainError } from "../../../shared/anomaly/train.ts";
import { trainRulModels } from "../../../shared/rul/train.ts";
import { testDatabase } from "../../support/database.ts";
import { simulatedLives, storeLives } from "../../support/lives.ts";

const FLEET = { conditions: 6, faultMode: "both", seed: 7 } as const;

/** Twelve engines that have failed and four test engines that stopped early. */
async function fleet(sql: postgres.Sql): Promise<void> {
  await storeLives(sql, simulatedLives(12, FLEET), { dataset: "FD004", subset: "train" });
  await storeLives(sql, simulatedLives(4, { ...FLEET, first: 13 }), {
    dataset: "FD004",
    subset: "test",
    until: 120,
  });
}

async function trained(sql: postgres.Sql, seed = 1) {
  const [training] = await trainRulModels(sql, { dataset: "FD004", seed, by: "a test" });
  return training;
}

Deno.test("a model is the same whatever test engines have read or how long they live; one of them in the training changes it", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  await fleet(sql);
  const first = await trained(sql);
  assert.equal(first.model.engines, 12);
  assert.equal(first.test?.engines, 4);

  await sql`
    update sensor_data set s4 = s4 * 1.5, s11 = s11 * 2, s15 = null
    where engine_id in (select id from engines where subset = 'test')`;
  await sql`update engines set life_cycles = life_cycles + 50, status = 'failed' where subset = 'test'`;
  const poisoned = await trained(sql);
  assert.deepEqual(poisoned.model.content, first.model.content);
  assert.deepEqual(poisoned.crossValidation, first.crossValidation);
  assert.notDeepEqual(poisoned.test, first.test); // they were poisoned

  // the control: what this test looks for is seen
  await sql`update engines set subset = 'train' where unit_number = 'LIFE_013'`;
  const leaking = await trained(sql);
  assert.equal(leaking.model.engines, 13);
  assert.notDeepEqual(leaking.model.content, first.model.content);
});

Deno.test("the same readings and seed give the same model, in another database, too; another seed gives another one", async () => {
  await using one = await testDatabase();
  await using other = await testDatabase();
  await fleet(one.sql);
  await fleet(other.sql);
  const first = await trained(one.sql);
  assert.deepEqual((await trained(other.sql)).model, first.model);
  assert.notDeepEqual((await trained(other.sql, 2)).model.content, first.model.content);
});

Deno.test("each set with enough engines gets a model, and one is for every engine; what is stored is what was trained", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  await fleet(sql);
  // nine engines of no set, and of no subset: not enough for a set, and part of the model for every engine
  await storeLives(sql, simulatedLives(3, { ...FLEET, first: 30 }), { dataset: null, subset: null });
  // neither failed nor for tests: its life is not known
  await storeLives(sql, simulatedLives(1, { ...FLEET, first: 40 }), {
    dataset: null,
    subset: null,
    until: 30,
  });

  const dry = await trainRulModels(sql, { seed: 1, by: "a test", dryRun: true });
  assert.deepEqual(dry.map(({ stored }) => stored), [null, null]);
  assert.deepEqual([...await sql`select from models`], []);

  const trainings = await trainRulModels(sql, { seed: 1, by: "a test" });
  assert.deepEqual(
    trainings.map(({ model: { name, dataset, engines } }) => ({ name, dataset, engines })),
    [{ name: "rul-FD004", dataset: "FD004", engines: 12 }, { name: "rul", dataset: null, engines: 15 }],
  );
  const rows = await sql`
    select name, version, active, content, settings, metrics, features, seed::integer from models order by id`;
  assert.deepEqual(rows.map(({ name, version, active }) => ({ name, version, active })), [
    { name: "rul-FD004", version: 1, active: true },
    { name: "rul", version: 1, active: true },
  ]);
  for (const [i, { model }] of trainings.entries()) {
    assert.deepEqual(rows[i].content, JSON.parse(JSON.stringify(model.content)));
    assert.equal(rows[i].settings.rul_cap, 125);
    assert.equal(rows[i].metrics.cross_validation.engines, model.engines);
    assert.deepEqual(rows[i].features, model.features);
    assert.equal(rows[i].seed, 1);
  }
  const events = await sql`
    select event_type, outputs from lineage_events where job_name = 'train' order by id`;
  assert.deepEqual(events.map(({ event_type }) => event_type), ["START", "COMPLETE"]);
  assert.equal(events[1].outputs[0].name, "public.models");
});

Deno.test("with too few engines it says how many there are and must be; those whose first readings are gone do not count", async () => {
  await using db = await testDatabase();
  await storeLives(db.sql, simulatedLives(9, { ...FLEET, conditions: 1 }), {
    dataset: "FD001",
    subset: "train",
  });
  await assert.rejects(
    trainRulModels(db.sql, { dataset: "FD001", seed: 1, by: "a test" }),
    new TooLittleToTrainError(
      "Cannot train a model of remaining life as at least 10 engines of FD001 that are not for tests must have failed, " +
        "with engines.life_cycles known: current value is 9",
    ),
  );
  await db.sql`select roll_up_readings()`;
  await db.sql`
    insert into retired_months (month, closed_at, dropped_at, readings) values ('2024-01-01', now(), now(), 1)`;
  await assert.rejects(
    trainRulModels(db.sql, { dataset: "FD001", seed: 1, by: "a test" }),
    /current value is 0$/,
  );
});
