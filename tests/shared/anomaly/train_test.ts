/** Training from the database: which engines, what is kept, and what is said when there are too few. */

import assert from "node:assert/strict";
import type postgres from "postgres";
import { AnomalyModel } from "../../../shared/anomaly/anomaly_model.ts";
import { DETECTORS } from "../../../shared/anomaly/detectors.ts";
import { LEAST_ENGINES, trainAnomalyModels } from "../../../shared/anomaly/train.ts";
import { activeModels, modelFor } from "../../../shared/models.ts";
import { SENSORS } from "../../../shared/sensors.ts";
import { testDatabase } from "../../support/database.ts";
import { simulatedFleet, storeAsOf } from "../../support/simulated_fleet.ts";

const START = Date.parse("2024-02-01T00:00:00Z");
const HOURS = 130;
const OPTIONS = { seed: 42, by: "deno task train" };

/** A healthy fleet; engines are of the set FD009 but for the last one, which is of none. */
async function addFleet(sql: postgres.Sql, engines: number): Promise<void> {
  const readings = simulatedFleet({ engines, hours: HOURS, startMs: START, seed: 3 });
  for (let from = 0; from < readings.length; from += 1000) {
    assert.equal(
      await storeAsOf(sql, readings.slice(from, from + 1000), new Date(START + HOURS * 3_600_000)),
      0,
    );
  }
  await sql`update engines set dataset = 'FD009', subset = 'train', dataset_unit = right(unit_number, 2)::int`;
  const last = `SIM_${String(engines).padStart(2, "0")}`;
  await sql`update engines set dataset = null, subset = null, dataset_unit = null where unit_number = ${last}`;
}

Deno.test("a model for each set of engines and one for every engine is stored, with what it was made of", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  await addFleet(sql, LEAST_ENGINES + 1);
  // engines fail where their recordings end
  await sql`update engines set life_cycles = ${HOURS}`;

  const dry = await trainAnomalyModels(sql, { ...OPTIONS, dryRun: true });
  assert.deepEqual(dry.map(({ stored }) => stored), [null, null]);
  assert.equal((await sql`select from models`).length, 0);
  assert.equal((await sql`select from lineage_events where job_name = 'train'`).length, 0);

  const trainings = await trainAnomalyModels(sql, OPTIONS);
  assert.deepEqual(trainings.map(({ model }) => model.name), ["anomaly-FD009", "anomaly"]);
  assert.deepEqual(trainings.map(({ model }) => model.content), dry.map(({ model }) => model.content));
  const models = await activeModels(sql, "anomaly");
  assert.equal(modelFor(models, "FD009")?.name, "anomaly-FD009");
  const every = modelFor(models, null)!;
  assert.deepEqual([every.name, every.version, every.dataset], ["anomaly", 1, null]);
  assert.deepEqual([every.engines, every.readings], [LEAST_ENGINES + 1, 50 * (LEAST_ENGINES + 1)]);
  assert.deepEqual(every.features, [...SENSORS]);
  assert.deepEqual(every.settings, {
    trees: 100,
    sample_size: 256,
    false_alarm_rate: 0.001,
    healthy_readings: 50,
  });
  const [{ from, until }] = await sql`
    select min("timestamp") as from, max("timestamp") as until from sensor_data where cycle <= 50`;
  assert.deepEqual([every.trainedFrom, every.trainedUntil], [from, until]);
  assert.deepEqual(every.metrics, JSON.parse(JSON.stringify(trainings[1].model.metrics)));
  assert.deepEqual(trainings[1].evaluatedOn, {
    engines_of: "folds",
    engines: LEAST_ENGINES + 1,
    healthy_readings: every.readings,
    failing_readings: 31 * (LEAST_ENGINES + 1),
  });
  assert.deepEqual(AnomalyModel.fromContent(every.content).toContent(), every.content);

  const events = await sql`
    select event_type, inputs, outputs from lineage_events where job_name = 'train' order by event_type`;
  assert.deepEqual(events.map(({ event_type }) => event_type), ["COMPLETE", "START"]);
  for (const { inputs, outputs } of events) {
    assert.deepEqual(inputs.map(({ name }: { name: string }) => name), [
      "public.sensor_data",
      "public.engines",
      "public.sensor_baselines",
    ]);
    assert.deepEqual(outputs, [{ namespace: "postgres", name: "public.models" }]);
  }

  // once more: the next version
  await trainAnomalyModels(sql, { ...OPTIONS, dataset: "FD009" });
  const versions = await sql`select name, version, active from models order by name, version`;
  assert.deepEqual([...versions].map((row) => Object.values(row)), [
    ["anomaly", 1, true],
    ["anomaly-FD009", 1, false],
    ["anomaly-FD009", 2, true],
  ]);
});

Deno.test("engines of subset test are in no model; they are what it is evaluated on", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  await addFleet(sql, 2 * LEAST_ENGINES + 1);
  await sql`update engines set life_cycles = ${HOURS + 10}`;
  const train = async () =>
    (await trainAnomalyModels(sql, { ...OPTIONS, dataset: "FD009", dryRun: true }))[0];
  const all = await train();
  assert.equal(all.model.engines, 2 * LEAST_ENGINES);

  await sql`update engines set subset = 'test' where dataset_unit > ${LEAST_ENGINES}`;
  const before = await train();
  assert.equal(before.model.engines, LEAST_ENGINES);
  assert.deepEqual(before.evaluatedOn, {
    engines_of: "test_engines",
    engines: LEAST_ENGINES,
    healthy_readings: 50 * LEAST_ENGINES,
    failing_readings: 21 * LEAST_ENGINES,
  });
  // whatever the test engines measure, the model stays the same, and its evaluation does not
  await sql`
    update sensor_data set s11 = s11 + 1 where engine_id in (select id from engines where subset = 'test')`;
  const after = await train();
  assert.deepEqual(after.model.content, before.model.content);
  assert.notDeepEqual(after.evaluation, before.evaluation);
  // the control: training engines do change it
  await sql`
    update sensor_data set s11 = s11 + 1 where engine_id in (select id from engines where subset = 'train')`;
  assert.notDeepEqual((await train()).model.content, before.model.content);
});

Deno.test("the last cycles of an engine that did not live long are not taken for healthy ones", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  await addFleet(sql, LEAST_ENGINES + 1);
  await sql`update engines set life_cycles = 60 where unit_number = 'SIM_01'`;
  const [{ model }] = await trainAnomalyModels(sql, { ...OPTIONS, dataset: "FD009", dryRun: true });
  assert.equal(model.readings, 50 * LEAST_ENGINES - 21); // cycles 30 to 50
});

Deno.test("spikes among the first readings do not raise the thresholds", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  await addFleet(sql, 2 * LEAST_ENGINES + 1);
  const train = async () =>
    (await trainAnomalyModels(sql, { ...OPTIONS, dataset: "FD009", dryRun: true, falseAlarmRate: 0.01 }))[0];
  const clean = await train();
  assert.equal(clean.model.metrics.outliers_left_out, 0);
  await sql`update sensor_data set s4 = s4 + 50 where cycle in (11, 37)`;
  const spiked = await train();
  assert.equal(spiked.model.metrics.outliers_left_out, 4 * LEAST_ENGINES);
  assert.equal(spiked.model.readings, 46 * 2 * LEAST_ENGINES + 4 * LEAST_ENGINES);
  for (const name of DETECTORS) {
    const ratio = spiked.evaluation[name].threshold / clean.evaluation[name].threshold;
    assert.ok(ratio > 0.9 && ratio < 1.1, `${name}: ${ratio}`);
  }
});

Deno.test("engines whose first readings have gone to the lake, or have none that are healthy, are not trained on", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  await addFleet(sql, LEAST_ENGINES + 1);
  await sql`update engines set life_cycles = 20 where unit_number = 'SIM_06'`;
  const trainings = await trainAnomalyModels(sql, { ...OPTIONS, dryRun: true });
  assert.deepEqual(trainings.map(({ model: { name, engines } }) => [name, engines]), [
    ["anomaly-FD009", LEAST_ENGINES],
    ["anomaly", LEAST_ENGINES],
  ]);
  // too few of the set, and enough of all engines: one model
  await sql`update engines set life_cycles = case unit_number when 'SIM_05' then 20 end`;
  const every = await trainAnomalyModels(sql, { ...OPTIONS, dryRun: true });
  assert.deepEqual(every.map(({ model: { name } }) => name), ["anomaly"]);
  await sql`update engines set life_cycles = 20 where unit_number = 'SIM_06'`;
  await assert.rejects(trainAnomalyModels(sql, { ...OPTIONS, dataset: "FD009", dryRun: true }), {
    name: "TooLittleToTrainError",
    message:
      "Cannot train a model of anomalies of FD009 as at least 5 engines must have readings with more than 30 cycles left " +
      "among their first 50: current value is 4",
  });
  await sql`update engines set life_cycles = null`;
  await sql`
    insert into retired_months (month, closed_at, dropped_at, readings) values ('2024-01-01', now(), now(), 1)`;
  assert.equal((await trainAnomalyModels(sql, { ...OPTIONS, dryRun: true })).length, 2); // they began in February
  await sql`
    insert into retired_months (month, closed_at, dropped_at, readings) values ('2024-02-01', now(), now(), 1)`;
  await assert.rejects(trainAnomalyModels(sql, { ...OPTIONS, dryRun: true }), /current value is 0$/);
});

Deno.test("too few engines are an error that says how many there must be", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  const cannot = (of: string, found: number) => ({
    name: "TooLittleToTrainError",
    message:
      `Cannot train a model of anomalies as at least ${LEAST_ENGINES} engines${of} that are not for tests must have ` +
      `a baseline (their first 100 readings, in Postgres): current value is ${found}`,
  });
  await assert.rejects(trainAnomalyModels(sql, OPTIONS), cannot("", 0));
  await addFleet(sql, LEAST_ENGINES);
  await assert.rejects(trainAnomalyModels(sql, { ...OPTIONS, dataset: "FD009" }), cannot(" of FD009", 4));
  // together they are enough
  assert.deepEqual((await trainAnomalyModels(sql, OPTIONS)).map(({ model }) => model.name), ["anomaly"]);
  assert.equal((await sql`select from models`).length, 1);
});
