/** The built-in model of remaining life on NASA's FD001: trained from the database, judged by the test engines. */

import assert from "node:assert/strict";
import { DEFAULT_TIMELINE, loadCmapss } from "../../../scripts/cmapss/load.ts";
import { openSource } from "../../../scripts/cmapss/source.ts";
import { silent } from "../../../scripts/progress.ts";
import type { MissingEvaluation, RulEvaluation } from "../../../shared/rul/fit_rul.ts";
import { predictTask } from "../../../shared/rul/predict.ts";
import { rulErrors } from "../../../shared/rul/scores.ts";
import { trainRulModels } from "../../../shared/rul/train.ts";
import { cmapssFolder } from "../../support/cmapss.ts";
import { testDatabase } from "../../support/database.ts";

const ignore = cmapssFolder === undefined;

/** The seed that `deno task train` uses unless told otherwise. */
const SHIPPED_SEED = 42;

const digits = ({ rmse, mae, bias, phm08, coverage }: RulEvaluation) =>
  `RMSE ${rmse.toFixed(2)}, MAE ${mae.toFixed(2)}, bias ${bias.toFixed(2)}, PHM08 ${phm08.toFixed(0)}, ` +
  `interval holds ${(100 * coverage).toFixed(1)} %`;

Deno.test({
  name:
    "FD001's test engines are predicted with an RMSE of at most 18, and the 80 % interval holds 75 to 85 %",
  ignore,
  async fn(t) {
    await using db = await testDatabase();
    const { sql } = db;
    await using source = await openSource([cmapssFolder!]);
    await loadCmapss(
      sql,
      source,
      { timeline: DEFAULT_TIMELINE, maxRul: 125, allowFailures: false, subsets: ["train", "test"] },
      silent,
    );
    await sql`analyze`;

    const [training] = await trainRulModels(sql, { dataset: "FD001", seed: SHIPPED_SEED, by: "a test" });
    const { model, stored, crossValidation } = training;
    const test = training.test!;
    assert.deepEqual(
      { name: model.name, version: stored?.version, engines: model.engines, readings: model.readings },
      { name: "rul-FD001", version: 1, engines: 100, readings: 20631 },
    );
    assert.equal(test.engines, 100);
    // the names of steps are what is printed of a test that passes
    await t.step(`by cross-validation: ${digits(crossValidation)}`, () => {
      assert.ok(crossValidation.rmse <= 18);
      assert.ok(crossValidation.coverage >= 0.75 && crossValidation.coverage <= 0.87);
    });
    await t.step(`on the test engines: ${digits(test)}`, () => {
      assert.ok(test.rmse <= 18);
      assert.ok(Number.isFinite(test.phm08));
      assert.ok(test.coverage >= 0.75 && test.coverage <= 0.85);
    });
    // the interval does not hold so many by the luck of one seed; which engines NASA chose is the same luck for all
    for (const seed of [1, 2]) {
      const [{ test }] = await trainRulModels(sql, { dataset: "FD001", seed, by: "a test", dryRun: true });
      await t.step(`with seed ${seed}: ${digits(test!)}`, () => {
        assert.ok(test!.rmse <= 18);
        assert.ok(test!.coverage >= 0.7 && test!.coverage <= 0.9);
      });
    }
    for (
      const { missing: [above, most], rmse, coverage } of model.metrics.sensors_missing as MissingEvaluation[]
    ) {
      await t.step(
        `by cross-validation without ${(100 * above).toFixed(0)} to ${
          (100 * most).toFixed(0)
        } % of the health index: RMSE ${rmse.toFixed(2)}, interval holds ${(100 * coverage).toFixed(1)} %`,
        () => assert.ok(coverage >= 0.75 && coverage <= 0.87),
      );
    }
    const bytes = JSON.stringify(model.content).length;
    await t.step(`the model is ${(bytes / 1024).toFixed(0)} KB`, () => assert.ok(bytes < 256 * 1024));

    // what the worker predicts of the readings in the database is what the evaluation judged
    const done = await predictTask(sql, 1, AbortSignal.timeout(30_000), { piece: 33, attempt: 1000 });
    assert.deepEqual(done, { engines: 100, predicted: 100, unjudged: 0, reasons: [] });
    const rows = await sql`
      select
        prediction.predicted_rul as predicted, prediction.lower_bound as lower, prediction.upper_bound as upper,
        prediction.interval_level, least(engines.rul_cap, engines.life_cycles - prediction.cycle) as actual,
        prediction.cycle = (select max(cycle) from sensor_data where engine_id = engines.id) as last
      from rul_predictions as prediction
      join engines on engines.id = prediction.engine_id
      where engines.subset = 'test' and model_name = 'rul-FD001' and model_version = '1'
      order by engines.unit_number`;
    assert.equal(rows.length, 100);
    for (const { predicted, lower, upper, interval_level, last } of rows) {
      assert.ok(0 <= lower && lower <= predicted && predicted <= upper);
      assert.ok(interval_level > 0.79 && interval_level < 0.81 && last);
    }
    const { rmse, phm08 } = rulErrors(rows.map((row) => row.predicted), rows.map((row) => row.actual));
    await t.step(`from the worker: RMSE ${rmse.toFixed(2)}, PHM08 ${phm08.toFixed(0)}`, () => {
      assert.ok(Math.abs(rmse - test.rmse) < 0.01 && Math.abs(phm08 - test.phm08) < 0.5);
    });

    // the view says the same once the engines have failed
    await sql`update engines set status = 'failed' where subset = 'test'`;
    const [accuracy] = await sql`select * from prediction_accuracy`;
    assert.equal(Number(accuracy.predictions), 100);
    assert.equal(Number(accuracy.engines), 100);
    assert.ok(Math.abs(accuracy.rmse - rmse) < 1e-4 && Math.abs(accuracy.phm08 - phm08) < 1e-2);
    assert.ok(Math.abs(accuracy.coverage - test.coverage) < 0.011);
  },
});
