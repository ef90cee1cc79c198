import assert from "node:assert/strict";
import type postgres from "postgres";
import { taskHandlers } from "../../../functions/worker/handlers.ts";
import { storeBatch } from "../../../shared/intake.ts";
import { evaluateRul, fitRul, RUL_SETTINGS } from "../../../shared/rul/fit_rul.ts";
import { storeModel, type TrainedModel } from "../../../shared/models.ts";
import { type PredictionBudget, predictTask } from "../../../shared/rul/predict.ts";
import { curveFor, intervalOf } from "../../../shared/rul/prediction_interval.ts";
import { predictAt, rowsOfEngines, type RulContent } from "../../../shared/rul/rul_model.ts";
import { rulErrors } from "../../../shared/rul/scores.ts";
import { SENSORS } from "../../../shared/sensors.ts";
import { Unfinished } from "../../../shared/unfinished.ts";
import { type TestDatabase, testDatabase } from "../../support/database.ts";
import { asMatrix, type Life, simulatedLives, storeLives } from "../../support/lives.ts";
import { candidates } from "../../support/readings.ts";

const FLEET = { conditions: 6, faultMode: "both", seed: 11 } as const;
const SETTINGS = { ...RUL_SETTINGS, seed: 1 };

/** Trained once, on forty engines. */
const { content } = fitRul(asMatrix(simulatedLives(40, FLEET)), SETTINGS);
/** Engines that it has not seen. */
const LIVES = simulatedLives(8, { ...FLEET, first: 101 });

function model(overrides: Partial<TrainedModel> = {}): TrainedModel {
  return {
    purpose: "rul",
    name: "rul",
    dataset: null,
    features: SENSORS,
    trainedFrom: new Date(0),
    trainedUntil: new Date(0),
    engines: 40,
    readings: 8000,
    seed: 1,
    settings: { rul_cap: 125 },
    metrics: {},
    content: { ...content },
    ...overrides,
  };
}

/** A database with a model and eight active engines that have flown 60 cycles. */
async function fleet(): Promise<TestDatabase> {
  const db = await testDatabase();
  await storeModel(db.sql, model(), "a test");
  await storeLives(db.sql, LIVES, { dataset: null, subset: null, until: 60 });
  return db;
}

function predict(sql: postgres.Sql, budget?: PredictionBudget, attempt = 1) {
  return predictTask(sql, attempt, AbortSignal.timeout(30_000), budget);
}

const send = (sql: postgres.Sql, readings: Life["readings"]) =>
  storeBatch(sql, { source: "ingest", reference: null }, candidates(readings));

async function predictions(sql: postgres.Sql) {
  return [
    ...await sql`
      select unit_number, cycle, predicted_rul, lower_bound, upper_bound, model_name, model_version
      from engine_predictions order by id`,
  ].map((row) => ({ ...row })) as unknown as {
    unit_number: string;
    cycle: number;
    predicted_rul: number;
    lower_bound: number;
    upper_bound: number;
    model_name: string;
    model_version: string;
  }[];
}

/** What a model says of whole lives at a cut-off, in memory. */
function inMemory(of: RulContent, lives: readonly Life[], length: number): number[] {
  const { readings } = asMatrix(lives);
  return predictAt(of, readings, lives.map((_, engine) => ({ engine, length }))).map(({ left }) => left);
}

Deno.test("every active engine is predicted at its last cycle, as from its whole history; the first readings and the last are all that is read", async () => {
  await using db = await fleet();
  const { sql } = db;
  await sql`update engines set status = 'retired' where unit_number = 'LIFE_108'`;
  assert.deepEqual(await predict(sql), { engines: 7, predicted: 7, unjudged: 0, reasons: [] });
  const rows = (await predictions(sql)).sort((a, b) => a.unit_number < b.unit_number ? -1 : 1);
  const expected = inMemory(content, LIVES, 60);
  assert.equal(rows.length, 7);
  for (const [i, row] of rows.entries()) {
    assert.deepEqual([row.unit_number, row.cycle, row.model_name, row.model_version], [
      LIVES[i].unitNumber,
      60,
      "rul",
      "1",
    ]);
    assert.ok(Math.abs(row.predicted_rul - expected[i]) < 0.01, `${row.predicted_rul} ${expected[i]}`);
    assert.ok(0 <= row.lower_bound && row.lower_bound <= row.predicted_rul);
    assert.ok(row.predicted_rul <= row.upper_bound && row.upper_bound <= 125);
  }
  const events =
    await sql`select event_type, outputs from lineage_events where job_name = 'predict_rul' order by id`;
  assert.deepEqual(events.map(({ event_type }) => event_type), ["START", "COMPLETE"]);
  assert.equal(events[1].outputs[0].outputFacets.outputStatistics.rowCount, 7);
});

Deno.test("only engines with new readings are predicted again, twice at once adds nothing, and history stays", async () => {
  await using db = await fleet();
  const { sql } = db;
  await predict(sql);
  assert.deepEqual(await predict(sql), { engines: 0, predicted: 0, unjudged: 0, reasons: [] });
  const before = await predictions(sql);

  await send(sql, LIVES[0].readings.slice(60, 63));
  await send(sql, LIVES[3].readings.slice(60, 61));
  await Promise.all([predict(sql), predict(sql), predict(sql)]);
  const after = await predictions(sql);
  assert.deepEqual(after.slice(0, 8), before);
  assert.deepEqual(
    after.slice(8).map(({ unit_number, cycle }) => [unit_number, cycle]).sort(),
    [["LIFE_101", 63], ["LIFE_104", 61]],
  );

  // a new version predicts them all, beside what the earlier one has said
  await storeModel(sql, model(), "a test");
  assert.deepEqual(await predict(sql), { engines: 8, predicted: 8, unjudged: 0, reasons: [] });
  assert.equal((await predictions(sql)).length, 18);
});

Deno.test("an attempt does as much as it may and comes back for the rest, but not for ever", async () => {
  await using db = await fleet();
  const { sql } = db;
  const budget = { piece: 2, attempt: 3 };
  await assert.rejects(
    predict(sql, budget),
    new Unfinished("Cannot predict all engines at once: 4 are done, and others left for the next attempt"),
  );
  assert.equal((await predictions(sql)).length, 4);
  assert.deepEqual(await predict(sql, budget, 2), { engines: 4, predicted: 4, unjudged: 0, reasons: [] });
  assert.equal((await predictions(sql)).length, 8);
  // what is left in the end is left to the next run
  await storeModel(sql, model(), "a test");
  assert.deepEqual(await predict(sql, budget, 90), { engines: 4, predicted: 4, unjudged: 0, reasons: [] });
});

Deno.test("each engine is predicted by the model of its set, else by that for every engine, else by none", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  await storeLives(sql, LIVES.slice(0, 2), { dataset: "FD002", subset: null, until: 40 });
  await storeLives(sql, LIVES.slice(2, 4), { dataset: "FD004", subset: "test", until: 40 });
  assert.deepEqual(await predict(sql), { advice: "no model: run deno task train" });
  await storeModel(sql, model({ name: "rul-FD004", dataset: "FD004" }), "a test");
  assert.deepEqual(await predict(sql), { engines: 2, predicted: 2, unjudged: 0, reasons: [] });
  await storeModel(sql, model(), "a test");
  const handlers = taskHandlers(
    sql,
    {
      channels: {},
      lake: undefined,
      lineage: undefined,
    } as unknown as Parameters<typeof taskHandlers>[1],
  );
  const task = { pipeline: "hourly", task: "predictions", attempt: 1, logicalTime: new Date() };
  assert.deepEqual(await handlers.predict_rul(task, AbortSignal.timeout(10_000)), {
    engines: 2,
    predicted: 2,
    unjudged: 0,
    reasons: [],
  });
  assert.deepEqual(
    (await predictions(sql)).map(({ unit_number, model_name }) => [unit_number, model_name]).sort(),
    [
      ["LIFE_101", "rul"],
      ["LIFE_102", "rul"],
      ["LIFE_103", "rul-FD004"],
      ["LIFE_104", "rul-FD004"],
    ],
  );
});

Deno.test("an engine with one reading is predicted, one whose sensors are silent or whose condition is unknown is not, and holds nobody up", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  await storeModel(sql, model(), "a test");
  const silent = LIVES[1].readings.slice(0, 40).map((reading) => ({
    ...reading,
    ...Object.fromEntries(SENSORS.map((sensor) => [sensor, null])),
  }));
  const elsewhere = LIVES[2].readings.slice(0, 40).map((reading) => ({ ...reading, tra: 80 }));
  const stored = await storeBatch(
    sql,
    { source: "ingest", reference: null },
    candidates([...LIVES[0].readings.slice(0, 1), ...silent, ...elsewhere, ...LIVES[3].readings.slice(0, 7)]),
  );
  assert.deepEqual(stored.rejections, []);
  // one engine at a time: those that cannot be predicted come up, and are passed over
  const done = await predict(sql, { piece: 1, attempt: 3 });
  const why = (engine: string) =>
    `Cannot predict ${engine} at cycle 40 as at most 50 % of its health index may be of sensors that say nothing of its ` +
    "last 10 or first 20 readings: current value is 100 %";
  const { reasons, ...counts } = done as { reasons: string[] };
  assert.deepEqual(counts, { engines: 4, predicted: 2, unjudged: 2 });
  assert.deepEqual(reasons.toSorted(), [why("LIFE_102"), why("LIFE_103")]);
  const rows = await predictions(sql);
  assert.deepEqual(rows.map(({ unit_number, cycle }) => [unit_number, cycle]).sort(), [["LIFE_101", 1], [
    "LIFE_104",
    7,
  ]]);
  const young = inMemory(content, [LIVES[3]], 7)[0];
  assert.ok(Math.abs(rows.find(({ cycle }) => cycle === 7)!.predicted_rul - young) < 0.01);
});

Deno.test("without some of its sensors an engine is predicted with a wider interval, without those that say most not at all, and the task says why", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  await storeModel(sql, model(), "a test");
  const lacking = (place: number, sensors: readonly string[]) =>
    LIVES[place].readings.slice(0, 60).map((reading) => ({
      ...reading,
      ...Object.fromEntries(sensors.map((sensor) => [sensor, null])),
    }));
  const readings = [...lacking(0, SENSORS.slice(7)), ...lacking(1, SENSORS.slice(0, 7))];
  await storeBatch(sql, { source: "ingest", reference: null }, candidates(readings));
  const { reasons, ...counts } = await predict(sql) as { reasons: string[] };
  assert.deepEqual(counts, { engines: 2, predicted: 1, unjudged: 1 });
  assert.equal(reasons.length, 1);
  assert.match(
    reasons[0],
    /^Cannot predict LIFE_102 at cycle 60 as at most 50 % .*: current value is 6\d %$/,
  );
  const [{ unit_number, predicted_rul, lower_bound, upper_bound }] = await predictions(sql);
  assert.equal(unit_number, "LIFE_101");
  const { lower, upper } = intervalOf(curveFor(content, 0.35)!, predicted_rul, 125);
  assert.ok(Math.abs(lower_bound - lower) < 0.02 && Math.abs(upper_bound - upper) < 0.02);
  assert.notDeepEqual(intervalOf(content.interval, predicted_rul, 125), { lower, upper }); // the control

  // a model from before there were such intervals says nothing where it does not know
  const { intervalsWithMissing: _, ...earlier } = content;
  await storeModel(sql, model({ content: earlier }), "a test");
  const { predicted, unjudged } = await predict(sql) as { predicted: number; unjudged: number };
  assert.deepEqual([predicted, unjudged], [0, 2]);
});

Deno.test("a model that was trained on other features is refused, and says what to do", async () => {
  await using db = await fleet();
  const { sql } = db;
  await storeModel(sql, model({ content: { ...content, features: ["s2"] } }), "a test");
  await assert.rejects(
    predict(sql),
    new RangeError(
      "Cannot predict with rul 2 as it must have been trained on the features of this version: train it again with " +
        "deno task train rul",
    ),
  );
});

Deno.test("six conditions and two faults, unseen engines at cut-offs all over their lives; and with sensors missing", async (t) => {
  const lives = simulatedLives(40, { ...FLEET, first: 201 });
  const whole = asMatrix(lives);
  const cutOffs = rowsOfEngines(whole.readings).flatMap(({ from, until }, engine) =>
    [0.1, 0.3, 0.5, 0.7, 0.9, 0.97].map((share) => ({ engine, length: Math.ceil(share * (until - from)) }))
  );
  const ranges = rowsOfEngines(whole.readings);
  const actual = cutOffs.map(({ engine, length }) =>
    Math.min(125, whole.remaining[ranges[engine].from + length - 1])
  );
  const judged = (silent: readonly string[]) => {
    const values = whole.readings.values.map((value, i) =>
      silent.includes(SENSORS[i % SENSORS.length]) ? NaN : value
    );
    const predicted = predictAt(content, { ...whole.readings, values }, cutOffs);
    assert.ok(
      predicted.every(({ missing }) => silent.length === 0 ? missing === 0 : missing > 0 && missing < 0.5),
    );
    const width = predicted.reduce((sum, { left, missing }) => {
      const { lower, upper } = intervalOf(curveFor(content, missing)!, left, content.rulCap);
      return sum + upper - lower;
    }, 0) / predicted.length;
    return { ...evaluateRul(content, predicted, actual, lives.length), width };
  };
  const { width: usual } = judged([]);
  for (
    const [silent, most] of [[[], 16], [["s9"], 18], [["s4", "s11"], 20], [SENSORS.slice(7), 20]] as const
  ) {
    const { rmse, coverage, width } = judged(silent);
    await t.step(
      `RMSE ${rmse.toFixed(2)}${silent.length > 0 ? ` without ${silent.join(", ")}` : ""}: intervals hold ${
        (100 * coverage).toFixed(0)
      } %, and are ${width.toFixed(1)} cycles wide`,
      () => {
        assert.ok(rmse < most);
        // 40 engines are few, and these are not any sensors, but those that say most
        assert.ok(coverage > 0.65 && coverage < 0.95, String(coverage));
        assert.equal(width > usual, silent.length > 0);
      },
    );
  }
  // the control: to predict the mean is worse than all of that
  const mean = actual.reduce((sum, left) => sum + left, 0) / actual.length;
  assert.ok(rulErrors(actual.map(() => mean), actual).rmse > 35);
});
