/**
 * The detectors on NASA's FD001, on engines that they were not trained on. The numbers are names of steps, because those
 * are what is printed of a test that passes.
 */

import assert from "node:assert/strict";
import { type ByDetector, DETECTORS } from "../../../shared/anomaly/detectors.ts";
import { type AnomalyTraining, trainAnomalyModels } from "../../../shared/anomaly/train.ts";
import { DEFAULT_TIMELINE, loadCmapss } from "../../../scripts/cmapss/load.ts";
import { openSource } from "../../../scripts/cmapss/source.ts";
import { silent } from "../../../scripts/progress.ts";
import { cmapssFolder } from "../../support/cmapss.ts";
import { testDatabase } from "../../support/database.ts";

const ignore = cmapssFolder === undefined;

async function assertEvaluation(
  t: Deno.TestContext,
  { evaluation, evaluatedOn }: AnomalyTraining,
  leastAuc: ByDetector<number>,
): Promise<void> {
  const { engines_of, engines, healthy_readings, failing_readings } = evaluatedOn;
  for (const name of DETECTORS) {
    const { threshold, falseAlarmRate, rocAuc, precision, recall } = evaluation[name];
    const found =
      `${engines} ${engines_of}, ${healthy_readings} healthy and ${failing_readings} failing readings, ` +
      `${name}: ROC AUC ${rocAuc!.toFixed(4)}; above ${threshold.toFixed(4)}: precision ${
        precision!.toFixed(3)
      }, ` +
      `recall ${recall!.toFixed(3)}, false alarms ${(100 * falseAlarmRate!).toFixed(2)} %`;
    await t.step(found, () => {
      assert.ok(rocAuc! >= leastAuc[name], found);
      assert.ok(falseAlarmRate! < 0.003, found);
      assert.ok(precision! > 0.95, found);
    });
  }
}

Deno.test({
  name: "engines that were not trained on: failing readings stand out, healthy ones hardly ever",
  ignore,
  async fn(t) {
    await using db = await testDatabase();
    await using source = await openSource([cmapssFolder!]);
    const options = { timeline: DEFAULT_TIMELINE, maxRul: 125, allowFailures: false };
    await loadCmapss(db.sql, source, { ...options, subsets: ["train"] }, silent);
    const training = { dataset: "FD001", dryRun: true, seed: 42, by: "test" };
    const [byFolds] = await trainAnomalyModels(db.sql, training);
    assert.deepEqual(byFolds.evaluatedOn, {
      engines_of: "folds",
      engines: 100,
      healthy_readings: 5000,
      failing_readings: 3100,
    });
    await assertEvaluation(t, byFolds, { mean_abs_z: 0.97, isolation_forest: 0.97, mahalanobis: 0.97 });

    await loadCmapss(db.sql, source, { ...options, subsets: ["test"] }, silent);
    const [byTestEngines] = await trainAnomalyModels(db.sql, training);
    assert.equal(byTestEngines.evaluatedOn.engines_of, "test_engines");
    // recordings that stop before the failure: most of these readings are of engines with 10 to 30 cycles left
    await assertEvaluation(t, byTestEngines, { mean_abs_z: 0.97, isolation_forest: 0.97, mahalanobis: 0.93 });
    // nothing of the test engines has come into the model
    assert.deepEqual(byTestEngines.model.content, byFolds.model.content);
  },
});
